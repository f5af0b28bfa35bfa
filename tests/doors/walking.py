"""Every path of the project asked by everybody: who is let in, by path and method.

A letter for each caller: `o` nobody signed in, `x` a login without a role, `P` rep, `A` auditor, `M` sales manager,
`C` compliance, `S` sales ops, `R` RevOps, all of the workspace that owns what is asked for; `F` a login that may do
everything in another workspace; `G` who holds every right for the agent that is asked about, and for it alone; `B` who
holds every right for another agent of the same workspace alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db import models, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from approvals.domain.bulk_choice import Choice
from approvals.models import AccessReview, AccessReviewRow, DrillRun, ExceptionCase
from approvals.services.access_review import start_review
from approvals.services.bulk_reverts import plan_bulk_revert
from approvals.services.followers import follow_ledger
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from audit.services.maintain import maintain_ledger
from crm_connectors.models import ConnectionEndpoint, SandboxCopy
from governance.domain.agent_rights import AGENT_RIGHTS
from governance.domain.roles import PERMISSIONS, Role
from governance.models import LegalHold, PolicyVersion, User
from governance.services.roles import assign_role
from tests.builders.api import Site, make_site
from tests.builders.approvals import submit, submit_pending
from tests.builders.console import log_in, make_agents_login, make_login
from tests.builders.contacts import keep_certificate
from tests.builders.exceptions import make_incident
from tests.builders.governance import make_agent, make_connection, make_person, make_switch, make_user, stray_id

ROLES = {
    "P": Role.REP,
    "A": Role.AUDITOR,
    "M": Role.SALES_MANAGER,
    "C": Role.COMPLIANCE,
    "S": Role.SALES_OPS,
    "R": Role.REVOPS_ADMIN,
}
LETTERS = "oxPAMCSRFGB"
VERBS = ("view", "add", "change", "delete")
SECRET, BESIDE = "agent.secret", "agent.beside"
HIDDEN = {"F": (SECRET.encode(), b"Acme"), "B": (SECRET.encode(),), "G": (BESIDE.encode(),)}
"""What must not show itself to whom."""
_REFUSED = {401, 403, 404, 405}
_WELCOMES = {"/admin/login/", "/admin/", "/mine/"}
_STANDARD = {"", "add/", *(f"<path:object_id>/{end}" for end in ("", "history/", "delete/", "change/"))}
_FIXED = {
    "number": 0,
    "kind": "csv",
    "connection": "embedded",
    "object_type": "companies",
    "record_id": "1",
    "app_label": "governance",
    "url": "nowhere/",
    "content_type_id": 1,
    "environment": "sandbox",
    "level": "manual",
    "step": "quarantine",
    "secret": "access_token",
}


_ODD = {
    "^([^/]+)/history/([^/]+)/$": "{row}/history/{version}/",
    "(?P<url>.*)$": "x",
    "^.*$": "x",
    "^(?:api|mcp)(?:/|$)": "mcp/",
}


@dataclass(frozen=True)
class House:
    """A site with a row of most kinds, and a client for every letter."""

    site: Site
    callers: dict[str, Client]
    ids: dict[str, Any]


def make_house() -> House:
    """What is asked for belongs to `acme`; the callers, but for `F`, too."""
    site = make_site("acme", agent_name=SECRET)
    other = make_site("other", agent_name="agent.other")
    callers = {"o": Client(), "x": log_in(make_login(None, name="Xavier Nobody"))}
    callers |= {letter: log_in(_make_login(site, role)) for letter, role in ROLES.items()}
    callers["F"] = log_in(make_login(other.world.workspace, *PERMISSIONS, name="Fay Foreign"))
    rows = _make_rows(site)
    beside = make_agent(site.world.workspace, site.world.agent.owner, name=BESIDE)
    for letter, agent in (("G", site.world.agent), ("B", beside)):
        callers[letter] = log_in(make_agents_login(agent, *AGENT_RIGHTS, name=f"Ann Alone {letter}"))
    make_switch(site.world.workspace, "agent", agent=site.world.agent)
    return House(site, callers, rows)


def _make_login(site: Site, role: Role) -> User:
    user = make_user(make_person(f"Role {role.value}"), is_staff=False)
    actor = Actor("human", "test")
    assign_role(user_id=user.pk, workspace_id=site.world.workspace.pk, role=role, actor=actor, now=get_now())
    return User.objects.get(pk=user.pk)


def _make_rows(site: Site) -> dict[str, Any]:
    pending = submit_pending(site, correlation_id="run-1")
    submit(site, changes={"numberofemployees": "many"}, expected=None)
    maintain_ledger(now=get_now())
    follow_ledger()
    now, revops = get_now(), User.objects.get(person__name="Role revops_admin")
    start_review(workspace_id=site.world.workspace.pk, title="Review", due_date=now.date(), user_id=revops.pk, now=now)
    case = ExceptionCase.objects.get()
    DrillRun.objects.create(
        workspace=site.world.workspace, agent_name=SECRET, by="test", run_at=now, held=0, total=0, results=[]
    )
    job_id = plan_bulk_revert(
        workspace_id=site.world.workspace.pk,
        choice=Choice(agent=site.world.agent.pk),
        person_id=site.world.approver.pk,
        user_id=site.world.approver_user.pk,
        now=now,
    )
    hubspot = make_connection(site.world.workspace, "portal", kind="hubspot")
    ConnectionEndpoint.objects.create(connection=hubspot, settings={})
    shadow = make_connection(site.world.workspace, "shadow", environment="sandbox")
    copy = SandboxCopy.objects.create(
        source=site.world.connection, target=shadow, object_type="companies", most=1, asked_at=now, not_before=now
    )
    held = LegalHold.objects.create(
        workspace=site.world.workspace,
        kind="case",
        subject_id=str(pending.pk),
        name="Matter",
        placed_by=site.world.approver,
        placed_at=now,
    )
    return {
        "hold_id": held.pk,
        "copy_id": copy.pk,
        "job_id": job_id,
        "request_id": pending.pk,
        "case_id": case.pk,
        "certificate_id": keep_certificate(site.world.workspace, site.world.approver).pk,
        "incident_id": make_incident(case).pk,
        "review_id": AccessReview.objects.get().pk,
        "row_id": AccessReviewRow.objects.order_by("pk")[0].pk,
        "workspace_id": site.world.workspace.pk,
        "credential_id": site.world.credential.pk,
        "version_id": PolicyVersion.objects.order_by("pk")[0].pk,
    }


@dataclass(frozen=True)
class Door:
    """One path of the project. `model` is that of an admin screen."""

    route: str
    pattern: URLPattern
    model: type[models.Model] | None

    @property
    def is_standard(self) -> bool:
        """One of the six paths that every admin screen has: its rights are asked of the screen itself."""
        if self.model is None:
            return False
        rest = self.route.removeprefix(f"admin/{self.model._meta.label_lower.replace('.', '/')}/")
        return rest in _STANDARD

    def address(self, house: House) -> str:
        """The path with ids of rows that are there, as far as the house has them."""
        path = self.route
        for name, converter in self.pattern.pattern.converters.items():
            kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
            value = str(self._value(name, house))
            value = "1" if kind == "int" and not value.isdigit() else value
            path = path.replace(f"<{kind}:{name}>", value).replace(f"<{name}>", value)
        for odd, plain in _ODD.items():
            row = self._value("object_id", house)
            path = path.replace(odd, plain.format(row=row, version=self._version(row)))
        return f"/{path}"

    def _value(self, name: str, house: House) -> Any:
        if name in house.ids:
            return house.ids[name]
        if self.model is not None and name not in _FIXED:
            row = self.model._default_manager.order_by("pk").first()
            return row.pk if row is not None else stray_id()
        return _FIXED.get(name, stray_id())

    def _version(self, row: Any) -> Any:
        """The first version of the row in its history."""
        history = getattr(self.model, "history", None)
        versions = history.filter(**{self.model._meta.pk.name: row}) if history is not None else ()
        return next((version.history_id for version in versions), 1)


def list_doors() -> list[Door]:
    """Every path that the project answers, static files apart."""
    screens = {model._meta.label_lower.replace(".", "/"): model for model in admin.site._registry}
    found = []
    for route, pattern in _walk(get_resolver().url_patterns):
        parts = route.removeprefix("admin/").split("/")
        found.append(Door(route, pattern, screens.get("/".join(parts[:2])) if route.startswith("admin/") else None))
    return found


def _walk(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, prefix + str(pattern.pattern))
        else:
            yield prefix + str(pattern.pattern), pattern


def let_in(door: Door, house: House, method: str) -> tuple[str, list[str]]:
    """The letters that are let in, and to whom something showed itself that is not theirs. Nothing done here stays."""
    address, letters, leaks = door.address(house), "", []
    for letter in LETTERS:
        answer = _ask(house.callers[letter], address, method)
        if not _is_let_in(answer, address):
            continue
        letters += letter
        if not answer.streaming and any(name in answer.content for name in HIDDEN.get(letter, ())):
            leaks.append(f"{letter} {method} {door.route}")
    return letters, leaks


def _ask(client: Client, address: str, method: str) -> HttpResponse:
    cookies = client.cookies.copy()
    with transaction.atomic():
        if method == "GET":
            answer = client.get(address)
        elif address.startswith("/api/"):
            answer = client.post(address, "{}", content_type="application/json")
        else:
            answer = client.post(address, {})
        transaction.set_rollback(True)
    client.cookies = cookies  # whoever was signed out is back
    return answer  # type: ignore[return-value]  # the test client's answer is the response


def _is_let_in(answer: HttpResponse, address: str) -> bool:
    if answer.status_code in _REFUSED:
        return False
    if answer.status_code not in (301, 302):
        return True
    path = urlsplit(answer["Location"]).path
    return path not in _WELCOMES and path != f"{address}change/"


def screen_rights(screen: ModelAdmin[Any], house: House) -> dict[str, str]:
    """Verb → the letters that may do it to a row of the owner's; where the house has none, in their own workspace."""
    requests = {letter: _request(house.callers[letter]) for letter in LETTERS[1:]}
    row = screen.get_queryset(requests["R"]).order_by("pk").first()
    rights = dict.fromkeys(VERBS, "")
    for letter, request in requests.items():
        is_here = row is None or screen.get_queryset(request).filter(pk=row.pk).exists()
        may = {
            "view": is_here and screen.has_view_permission(request, row),
            "add": screen.has_add_permission(request),
            "change": is_here and screen.has_change_permission(request, row),
            "delete": is_here and screen.has_delete_permission(request, row),
        }
        for verb, is_so in may.items():
            rights[verb] += letter if is_so and request.user.is_staff else ""
    return rights


def _request(client: Client) -> Any:
    request = RequestFactory().get("/admin/")
    request.user = User.objects.get(pk=client.session["_auth_user_id"])
    return request
