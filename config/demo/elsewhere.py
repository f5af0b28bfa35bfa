"""The chapter on a CRM elsewhere: connected by a person, then the same street, and an answer lost on its way."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction

from approvals.models import AgentActionRequest
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from config.demo.browser import Browser
from config.demo.caller import Caller
from config.demo.far_crm import KINDS, FarCrm, Kind
from config.demo.governing import connect
from config.demo.manager import approve
from config.demo.office import Office
from config.demo.story import MANAGER, REVOPS, ROUTING, wait_for, who
from crm_connectors.models import ConnectionEndpoint
from crm_connectors.services.connecting import connect_crm
from crm_connectors.services.secret_changes import set_secret
from governance.models import Agent, Connection, FieldOwnership, Grant, RegisteredField, SchemaSync, User
from governance.models.schema_sync import OPEN
from governance.services.config_changes import record_config_change
from governance.services.publish import NothingChangedError, publish_policy
from governance.services.schema_review import review_schema
from governance.services.schema_syncs import start_sync

Say = Callable[[str], object]
AGENT = ROUTING
"""Whose budget the chapters before have not used up."""

_PAGE = "/admin/crm_connectors/connectionendpoint/"


def tell_elsewhere(*, url: str, office: Office, crm: FarCrm, say: Say) -> None:
    """From the address of a CRM to a change that is taken back there."""
    kind = KINDS[crm.kind]
    connection = _connect(office.browser_of(REVOPS), crm, kind, say)
    if connection is None:
        return
    _govern(connection, kind, say)
    caller, manager, revops = connect(url, AGENT), office.browser_of(MANAGER), office.browser_of(REVOPS)
    records = caller.search(kind.object, {}, [kind.name, kind.count], connection=connection.name)
    first, second = records[:2]
    named = _propose(caller, connection, kind, first, {kind.name: f"{first['values'][kind.name]} Group"})
    approve(manager, f"/review/{named}/")
    approve(revops, f"/review/{named}/")
    _wait(named, "executed")
    say(f"At {crm.kind} an agent asked to rename a company; the manager and RevOps approved: now `{_status(named)}`.")
    crm.plan_lost_answer()
    counted = _propose(caller, connection, kind, second, {kind.count: 4321})
    _wait(counted, "executed", seconds=60)
    written = crm.count_writes(second["id"])
    say(
        f"The answer to the next write was lost. Looked up at {crm.kind}: `{_status(counted)}`, written {written} time."
    )
    _take_back(manager, named)
    say(f"The first was taken back with one click: now `{_status(named)}`. The records: {crm.url}")


def _connect(browser: Browser, crm: FarCrm, kind: Kind, say: Say) -> Connection | None:
    """RevOps sets the address and the secret at the console, and tries them."""
    workspace = Agent.objects.get(name=AGENT).workspace
    user = User.objects.get(username=REVOPS)
    found = Connection.objects.filter(workspace=workspace, name=crm.kind).first()
    if found is None or not ConnectionEndpoint.objects.filter(pk=found.pk).exists():
        made = connect_crm(
            workspace_id=workspace.pk,
            name=crm.kind,
            kind=crm.kind,
            environment="sandbox",
            user_id=user.pk,
            now=get_now(),
        )
        found = Connection.objects.get(pk=made)
    browser.act(f"{_PAGE}{found.pk}/change/", "base_url", **crm.values_of(kind.settings))
    for name, value in crm.values_of(kind.secrets).items():
        set_secret(connection_id=found.pk, name=name, value=value, user_id=user.pk, now=get_now())
    page = browser.get(f"{_PAGE}{found.pk}/change/")
    test = next((form for form in page.forms if form.action.endswith("/test/")), None)
    told = browser.submit(page, test).text if test is not None else ""
    if "answers and accepts" not in told:
        say(f"The simulated {crm.kind} could not be connected: see its page.")
        return None
    say(f"RevOps connected {crm.kind}: its address, its secret (sealed), and a test that it accepts us.")
    return found


def _govern(connection: Connection, kind: Kind, say: Say) -> None:
    """RevOps syncs the schema, reviews two fields, says what agents may do with them, and publishes."""
    person = who(REVOPS)
    start_sync(connection_id=connection.pk, user_id=person["user_id"], now=get_now())
    wait_for(lambda: not SchemaSync.objects.filter(connection=connection, state__in=OPEN).exists(), seconds=60)
    fields = {
        row.name: row
        for row in RegisteredField.objects.filter(
            connection=connection, object_type=kind.object, name__in=(kind.name, kind.count)
        )
    }
    actor = Actor("human", str(person["person_id"]))
    review_schema(
        workspace_id=connection.workspace_id,
        field_ids=[row.pk for row in fields.values()],
        answer="keep",
        classification="enrichment",
        user_id=person["user_id"],
        now=get_now(),
    )
    levels = {kind.name: "approval", kind.count: "safe_write"}
    with transaction.atomic():
        for name, row in fields.items():
            _own(row, levels[name], actor)
        _grant(connection, kind, actor)
    try:
        reason = f"agents may complete companies at {connection.name}"
        publish_policy(
            workspace_id=connection.workspace_id, person_id=person["person_id"], reason=reason, now=get_now()
        )
    except NothingChangedError:
        pass
    count = RegisteredField.objects.filter(connection=connection).count()
    say(f"RevOps synced its schema ({count} fields, closed until reviewed), opened two of them to agents, published.")


def _own(row: RegisteredField, level: str, actor: Actor) -> None:
    values = {"owner_role": "revops", "permission_level": level, "allowed_writers": ["agent", "human"]}
    _, is_new = FieldOwnership.objects.update_or_create(field=row, defaults=values)
    if is_new:
        _record(row.connection.workspace_id, row.ownership, sorted(values), actor)


def _grant(connection: Connection, kind: Kind, actor: Actor) -> None:
    agent, names = Agent.objects.get(name=AGENT), [kind.name, kind.count]
    for action in ("read", "search", "update"):
        values = {"read_fields": names, "write_fields": names if action == "update" else []}
        grant, is_new = Grant.objects.get_or_create(
            agent=agent, connection=connection, object_type=kind.object, action=action, defaults=values
        )
        if is_new:
            _record(connection.workspace_id, grant, sorted(values), actor)


def _record(workspace_id: UUID, row: Any, fields: list[str], actor: Actor) -> None:
    record_config_change(
        workspace_id=workspace_id, row=row, operation="created", fields=fields, actor=actor, now=get_now()
    )


def _propose(
    caller: Caller, connection: Connection, kind: Kind, record: dict[str, Any], changes: dict[str, Any]
) -> str:
    """Proposed and decided: the facts lie elsewhere, so that a worker decides."""
    answer = caller.propose(
        connection=connection.name,
        action="update",
        target={"object": kind.object, "id": record["id"]},
        changes=changes,
        reason_code="demo.elsewhere",
    )
    asked = AgentActionRequest.objects.filter(pk=answer["id"])
    wait_for(lambda: not asked.filter(status="evaluating").exists(), seconds=30)
    return str(answer["id"])


def _take_back(manager: Browser, request_id: str) -> None:
    page = manager.get(f"/requests/{request_id}/revert/")
    form = next((form for form in page.forms if form.action.endswith("/revert/") or not form.action), None)
    if form is not None:
        manager.submit(page, form, reason="The old name was right.")
        _wait(request_id, "reverted")


def _wait(request_id: str, status: str, *, seconds: float = 30) -> None:
    wait_for(lambda: _status(request_id) == status, seconds=seconds)


def _status(request_id: str) -> str:
    return str(AgentActionRequest.objects.values_list("status", flat=True).get(pk=request_id))
