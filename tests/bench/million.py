"""A workspace with a million requests, 20,000 pending and 20,000 open cases: filled by SQL once a run.

`manage.py bench --keep NAME` keeps them for the next one.

Rows are copies of real proposals: those that wait, and the newest settled ones, whole; older ones without the large
columns, which no list reads. Needs PostgreSQL.
"""

import time
from dataclasses import dataclass

from django.db import connection

from approvals.models import AgentActionRequest, ExceptionCase
from audit.domain.identifier import new_id
from governance.domain.roles import ROLE_PERMISSIONS, Role
from governance.models import Agent, ApproverGroup, Connection, Credential, Person, User, Workspace
from tests.builders.api import Site, make_site
from tests.builders.approvals import submit_pending
from tests.builders.console import make_login
from tests.builders.crm_connectors import make_record
from tests.builders.exceptions import make_case
from tests.builders.governance import World

SLUG, AGENT, MANAGER = "bench-million", "agent.bench.million", "Mona Manager"
SETTLED, WAITING, CASES, COMPANIES = 1_000_000, 20_000, 20_000, 20
_WHOLE = 2_000
_SPACING_MS = 4_000
_LARGE = {"body": "{}", "facts": "{}", "decision": "{}", "patch": "[]"}
_SETTLED_AS = "(ARRAY['executed', 'executed', 'executed', 'denied', 'denied', 'expired', 'cancelled'])[n %% 7 + 1]"
_ID = (
    "(lpad(to_hex(%(base)s + n::bigint * %(spacing)s), 12, '0') || '7' || lpad(to_hex(n %% 4096), 3, '0') || '8'"
    " || substr(md5(n::text || %(salt)s), 1, 15))::uuid"
)


@dataclass(frozen=True, slots=True)
class Million:
    """`words` name what was filled, for the rows of the table."""

    site: Site
    words: str


def get_million(seconds: float) -> Million:
    """The workspace, filled up to its numbers: what an earlier run took away (batches approve) comes again.

    Short runs (below 30 seconds) make do with a tenth of the settled requests, unless there are more already.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    found = Workspace.objects.filter(slug=SLUG).first()
    site = make_site(SLUG, agent_name=AGENT) if found is None else _find_site(found)
    rows = AgentActionRequest.objects.filter(workspace=site.world.workspace)
    waiting = rows.filter(status="pending").count()
    settled, wanted = rows.exclude(status="pending").count(), SETTLED if seconds >= 30 else SETTLED // 10
    if waiting < WAITING:
        _fill_waiting(site, WAITING - waiting)
    if settled < wanted:
        _fill(rows.filter(status="pending").latest("id"), wanted - settled, is_open=False)
    _fill_cases(site)
    with connection.cursor() as cursor:
        if waiting < WAITING or settled < wanted:
            cursor.execute("VACUUM ANALYZE approvals_agentactionrequest")
        cursor.execute("VACUUM ANALYZE approvals_exceptioncase")
    return Million(site, f"{max(waiting, WAITING):,} waiting among {max(settled, wanted):,}")


def get_manager(site: Site) -> User:
    """Who looks at the pages: a sales manager in the approvers' group."""
    found = User.objects.filter(person__name=MANAGER).first()
    if found is not None:
        return found
    made = make_login(site.world.workspace, *ROLE_PERMISSIONS[Role.SALES_MANAGER], name=MANAGER)
    site.world.group.members.add(made.person)
    return made


def _find_site(workspace: Workspace) -> Site:
    agent = Agent.objects.get(workspace=workspace, name=AGENT)
    approver = Person.objects.get(email=f"rosa.{SLUG}@example.com")
    world = World(
        workspace=workspace,
        owner=Person.objects.get(email=f"olga.{SLUG}@example.com"),
        approver=approver,
        approver_user=User.objects.get(person=approver),
        group=ApproverGroup.objects.get(workspace=workspace, slug="revops"),
        connection=Connection.objects.get(workspace=workspace, name="embedded"),
        agent=agent,
        credential=Credential.objects.filter(agent=agent).latest("id"),
        token="",
    )
    return Site(world, "1")


def _fill_waiting(site: Site, count: int) -> None:
    """Two kinds of change to twenty companies, one after the other as they would come."""
    waiting = AgentActionRequest.objects.filter(workspace=site.world.workspace, status="pending")
    if not waiting.exists():
        _submit_templates(site)
    for template in list(waiting.order_by("id")[:COMPANIES]):
        _fill(template, count // COMPANIES + 1, is_open=True)


def _submit_templates(site: Site) -> None:
    for number in range(COMPANIES):
        company = make_record(site.connection_id, "companies", name=f"Company {number}", numberofemployees=100)
        changes = {"name": f"Company {number} NV"} if number % 2 else {"annualrevenue": 1_000_000 + number}
        target, confidence = {"object": "companies", "id": company}, 0.75 if number % 7 == 0 else 0.91
        submit_pending(site, target=target, changes=changes, confidence=confidence)


def _fill(template: AgentActionRequest, count: int, *, is_open: bool) -> None:
    """Copies of the template, each with an id and a key of its own."""
    names = [field.column for field in AgentActionRequest._meta.concrete_fields]
    values = {name: name for name in names} | {"id": _ID, "idempotency_key": "%(salt)s || n"}
    if is_open:
        values |= {"expires_at": "now() + interval '90 days'"}
    else:
        values |= {
            name: f"CASE WHEN n > %(count)s - {_WHOLE} THEN {name} ELSE '{empty}' END" for name, empty in _LARGE.items()
        }
        values |= {"status": _SETTLED_AS, "finished_at": "created_at", "decided_at": "created_at"}
    columns, chosen = ", ".join(names), ", ".join(values[name] for name in names)
    spacing = 1 if is_open else _SPACING_MS
    base = int(time.time() * 1000) - (0 if is_open else count * spacing)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO approvals_agentactionrequest ({columns}) SELECT {chosen} "  # noqa: S608 - names of our columns
            "FROM approvals_agentactionrequest, generate_series(1, %(count)s) n WHERE id = %(template)s",
            {"base": base, "spacing": spacing, "salt": new_id().hex, "count": count, "template": template.pk},
        )


def _fill_cases(site: Site) -> None:
    """Copies of one case, each of a field of its own, due one after the other; half of them are overdue."""
    rows = ExceptionCase.objects.filter(workspace=site.world.workspace, state="open")
    missing = CASES - rows.count()
    if missing <= 0:
        return
    request = AgentActionRequest.objects.filter(workspace=site.world.workspace).latest("id")
    case = make_case(site.world.workspace, agent=AGENT, requests=(request.pk,))
    names = [field.column for field in ExceptionCase._meta.concrete_fields]
    values = {name: name for name in names} | {
        "id": "gen_random_uuid()",
        "key": "md5(n::text)",
        "field": "'field_' || n",
        "due_at": "now() + (n - 10000) * interval '1 minute'",
        "alarm_at": "NULL",
    }
    columns, chosen = ", ".join(names), ", ".join(values[name] for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO approvals_exceptioncase ({columns}) SELECT {chosen} "  # noqa: S608 - names of our columns
            "FROM approvals_exceptioncase, generate_series(1, %s) n WHERE id = %s",
            [missing, case.pk],
        )
