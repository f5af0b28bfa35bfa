"""The sidebar: grouped by job, holding only what exists and what the person may see.

What a person may see hangs on what they hold and on nothing else, so it is worked out once for each set of rights.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.text import capfirst

from governance.domain.roles import PERMISSIONS
from governance.models import User
from governance.selectors.access import holds_anywhere, holds_for_some_agent
from governance.selectors.held import get_held

Registered = Mapping[str, "ModelAdmin[Any]"]
MOST_KEPT = 200
"""Sets of rights whose sidebar is kept: a console has a few roles, and in each workspace the same."""


class Entry(NamedTuple):
    """One line of the sidebar. `is_exact`: it is the current one on its own address alone, not below it. `beside`:
    another address on which it is."""

    title: str
    icon: str
    link: str
    is_exact: bool = False
    beside: str = ""


class Group(NamedTuple):
    """A heading and its entries; `here` is the link of the current one, if it is among them."""

    title: str
    entries: tuple[Entry, ...]
    is_foldable: bool = False
    here: str = ""


@dataclass(frozen=True, slots=True)
class Screen:
    """One admin screen by its model, `app_label.ModelName`. `beside`: the model of a screen that is reached from it,
    and has no line of its own."""

    model: str
    title: str
    icon: str
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One reviewers' page by the name of its path: for whoever holds one of `seen_by` in some workspace, and with
    `of_agents` for some agent."""

    name: str
    title: str
    icon: str
    seen_by: tuple[str, ...] = ("view_requests",)
    is_for_staff: bool = True
    of_agents: bool = False


JOBS: tuple[tuple[str, tuple[Page | Screen, ...]], ...] = (
    (
        "Review",
        (
            Page("inbox", "Inbox", "inbox", of_agents=True),
            Page("leaving", "Leaving soon", "schedule_send", of_agents=True),
            Page("suggestions", "Suggestions", "lightbulb", of_agents=True),
            Page("standing", "Standing approvals", "verified", of_agents=True),
            Screen("governance.ChangeProposal", "Two-person changes", "group_add"),
            Page("requests", "All requests", "list_alt", of_agents=True),
        ),
    ),
    (
        "Oversight",
        (
            Page("exceptions", "Exceptions", "report", of_agents=True),
            Page("incidents", "Incidents", "emergency", of_agents=True),
            Page("drift", "Drift", "difference"),
            Page("stops", "Stops", "front_hand", of_agents=True),
            Page("bulk_reverts", "Bulk reverts", "undo", ("revert_requests", "view_ledger"), of_agents=True),
            Page("quality", "Quality", "fact_check", ("view_quality",), of_agents=True),
            Page("report", "Reports", "bar_chart", ("view_reports",), of_agents=True),
            Page("access_reviews", "Access reviews", "how_to_reg", ("review_access", "view_ledger")),
            Page("rollback_drills", "Rollback drills", "refresh"),
            Page("drills", "Dumb failures", "science", of_agents=True),
        ),
    ),
    (
        "Yours",
        (
            Page("mine", "Your records", "person", tuple(PERMISSIONS), is_for_staff=False, of_agents=True),
            Page("notifications", "Notifications", "notifications", tuple(PERMISSIONS), of_agents=True),
            Page("out_of_office", "Out of office", "event_busy", of_agents=True),
            Page("catalog", "What agents may do", "menu_book", tuple(PERMISSIONS), of_agents=True),
            Page("governance_document", "Governance document", "gavel", tuple(PERMISSIONS)),
        ),
    ),
)
GROUPS: tuple[tuple[str, tuple[Page | Screen, ...]], ...] = (
    (
        "Agents & access",
        (
            Screen("governance.Agent", "Agents", "smart_toy"),
            Screen("governance.Credential", "Credentials", "key"),
            Screen("governance.Grant", "Grants", "rule"),
            Screen("governance.Delegation", "Delegations", "handshake"),
            Screen("governance.KillSwitch", "Kill switches", "emergency_home"),
            Screen("governance.BreakGlass", "Break-glass", "destruction"),
            Screen("governance.Connection", "Connections", "cable", beside="crm_connectors.ConnectionEndpoint"),
            Page("sandbox_copies", "Sandbox copies", "layers", ("manage_agents",)),
            Screen("governance.Integration", "Integrations", "webhook"),
            Screen("governance.AgentVersion", "Agent versions", "deployed_code_history"),
        ),
    ),
    (
        "Fields",
        (
            Screen("governance.FieldOwnership", "Ownership matrix", "grid_on"),
            Screen("governance.SchemaSync", "Schema review", "difference"),
            Screen("governance.RegisteredField", "Field registry", "fact_check"),
            Screen("governance.RevenueField", "Revenue 20", "star"),
            Screen("governance.ProvenanceFields", "Provenance fields", "history"),
            Screen("governance.WritePath", "What can change it", "account_tree"),
            Screen("governance.System", "Systems", "dns"),
        ),
    ),
    (
        "Rules",
        (
            Screen("governance.Rule", "Rules", "gavel"),
            Screen("governance.RuleList", "Lists", "playlist_add_check"),
            Screen("governance.ActionTier", "Action tiers", "layers"),
            Screen("governance.StageTransition", "Stage transitions", "move_down"),
            Screen("governance.StageRequirement", "Stage requirements", "checklist"),
            Screen("governance.LawfulBasis", "Lawful bases", "balance"),
        ),
    ),
    (
        "Limits",
        (
            Screen("governance.Budget", "Budgets", "speed"),
            Screen("governance.Breaker", "Circuit breakers", "electrical_services"),
            Screen("governance.Anomaly", "Anomaly stops", "monitoring"),
            Screen("governance.FrequencyCap", "Frequency caps", "touch_app"),
        ),
    ),
    (
        "Policy",
        (
            Screen("governance.PolicyVersion", "Versions", "history_edu"),
            Screen("governance.GoldenCase", "Golden cases", "verified"),
        ),
    ),
    (
        "Settings of oversight",
        (
            Screen("approvals.SamplingPlan", "Quality sampling", "casino"),
            Screen("approvals.DrillCase", "Own dumb failures", "science"),
            Screen("approvals.DutyEntry", "Duty rota", "calendar_month"),
            Screen("approvals.ExceptionCalendar", "Exception clocks", "schedule"),
        ),
    ),
    (
        "Do not contact",
        (
            Screen("governance.DncEntry", "The list", "do_not_disturb_on"),
            Page("certificates", "Proof of non-contact", "task_alt", ("manage_dnc", "view_ledger")),
            Screen("governance.DncImport", "Imports", "upload_file"),
        ),
    ),
    (
        "CRM",
        (
            Screen("crm_connectors.Company", "Companies", "domain"),
            Screen("crm_connectors.Contact", "Contacts", "contacts"),
            Screen("crm_connectors.Lead", "Leads", "person_search"),
            Screen("crm_connectors.Deal", "Deals", "handshake"),
            Screen("crm_connectors.Task", "Tasks", "task_alt"),
            Screen("crm_connectors.Note", "Notes", "sticky_note_2"),
            Screen("crm_connectors.Draft", "Drafts", "drafts"),
            Screen("crm_connectors.QueueItem", "Queue items", "low_priority"),
        ),
    ),
    (
        "Outbox",
        (
            Screen("crm_connectors.Email", "Emails", "outgoing_mail"),
            Screen("crm_connectors.SequenceEnrolment", "Enrolments", "playlist_add_check"),
            Screen("crm_connectors.Sequence", "Sequences", "timeline"),
            Screen("crm_connectors.Meeting", "Meetings", "event"),
            Screen("crm_connectors.DialerEntry", "Dialer queue", "call"),
            Screen("crm_connectors.Export", "Exports", "download"),
        ),
    ),
    (
        "Notifications",
        (
            Screen("approvals.WebhookEndpoint", "Webhooks", "webhook"),
            Screen("approvals.WebhookDelivery", "Webhook deliveries", "outbox"),
            Screen("approvals.NotificationMail", "E-mails", "mail"),
        ),
    ),
    (
        "Ledger",
        (
            Page("ledger_search", "Search", "manage_search", ("view_ledger",)),
            Page("retention", "Retention", "history", ("view_ledger", "manage_dnc")),
            Page("ledger_sinks", "Sinks", "outbox", ("view_ledger", "manage_agents")),
            Screen("audit.LedgerEvent", "Events", "receipt_long"),
        ),
    ),
    (
        "People",
        (
            Screen("governance.Person", "People", "group"),
            Screen("governance.ApproverGroup", "Approver groups", "groups"),
            Screen("governance.StandIn", "Stand-ins", "co_present"),
            Screen("governance.User", "Logins", "badge"),
            Screen("governance.Workspace", "Workspaces", "workspaces"),
        ),
    ),
)


def list_screens() -> list[Screen]:
    """Every admin screen that has a place in the sidebar."""
    return [entry for _, entries in (*JOBS, *GROUPS) for entry in entries if isinstance(entry, Screen)]


_kept: dict[tuple[Any, ...], tuple[Group, ...]] = {}


def list_navigation(request: HttpRequest) -> tuple[Group, ...]:
    """The groups for this person. A screen that no room registered, or that they may not view, is left out; what a room
    registered without a place here stands under its own heading at the end.

    Requires that no screen's right to be listed looks at anything but what `get_held` and the login's flags tell.
    """
    rights = _rights_of(request)
    groups = _kept.get(rights)
    if groups is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        groups = _kept[rights] = _list_groups(request)
    return tuple(group._replace(here=_innermost(group, request.path)) for group in groups)


def _rights_of(request: HttpRequest) -> tuple[Any, ...]:
    """All that the sidebar hangs on, but for the current address."""
    user = request.user
    held = get_held(user)
    flags = (user.is_authenticated, user.is_active, user.is_staff, user.is_superuser)
    return (*flags, *held.list_held(), get_urlconf(), get_script_prefix())


def _list_groups(request: HttpRequest) -> tuple[Group, ...]:
    registered = {model._meta.label: screen for model, screen in admin.site._registry.items()}  # noqa: SLF001  # no public look-up
    groups = [Group("", _home(request))]
    groups += [Group(title, _list_entries(request, entries, registered)) for title, entries in (*JOBS, *GROUPS)]
    groups.append(Group("More", _others(request, registered), is_foldable=True))
    return tuple(group for group in groups if group.entries)


def _innermost(group: Group, path: str) -> str:
    """The innermost address above the current one is where one is; empty where none is."""
    return max((entry.link for entry in group.entries if _is_here(entry, path)), key=len, default="")


def _is_here(entry: Entry, path: str) -> bool:
    is_below = path.startswith(entry.link) or bool(entry.beside and path.startswith(entry.beside))
    return is_below and (path == entry.link or not entry.is_exact)


def _home(request: HttpRequest) -> tuple[Entry, ...]:
    is_shown = request.user.is_active and request.user.is_staff
    return (Entry("Home", "home", _address("admin:index"), is_exact=True),) if is_shown else ()


def _list_entries(request: HttpRequest, entries: Sequence[Page | Screen], registered: Registered) -> tuple[Entry, ...]:
    """A job's pages and screens in their order."""
    found = (
        _page(request, entry) if isinstance(entry, Page) else _screen(request, entry, registered) for entry in entries
    )
    return tuple(entry for entry in found if entry is not None)


def _page(request: HttpRequest, page: Page) -> Entry | None:
    user = request.user
    if not isinstance(user, User) or not _sees(user, page):
        return None
    if user.is_staff and not page.is_for_staff:
        return None
    return Entry(page.title, page.icon, _address(f"approvals:{page.name}"))


def _sees(user: User, page: Page) -> bool:
    holds = holds_for_some_agent if page.of_agents else holds_anywhere
    return holds(user, *page.seen_by)


def _screen(request: HttpRequest, screen: Screen, registered: Registered) -> Entry | None:
    model_admin = registered.get(screen.model)
    if model_admin is None or not model_admin.has_view_or_change_permission(request):
        return None
    beside = _list_of(screen.beside) if screen.beside in registered else ""
    return Entry(screen.title, screen.icon, _list_of(screen.model), beside=beside)


def _list_of(model: str) -> str:
    return _address(f"admin:{model.lower().replace('.', '_')}_changelist")


def _others(request: HttpRequest, registered: Registered) -> tuple[Entry, ...]:
    placed = {name for screen in list_screens() for name in (screen.model, screen.beside)}
    rest = [
        Screen(label, capfirst(str(model_admin.opts.verbose_name_plural)), "tag")
        for label, model_admin in sorted(registered.items())
        if label not in placed
    ]
    return _list_entries(request, rest, registered)


def _address(name: str) -> str:
    return _known_address(name, get_urlconf(), get_script_prefix())


@cache
def _known_address(name: str, urlconf: str | None, prefix: str) -> str:  # noqa: ARG001  # what an address hangs on
    """Kept for the life of the process: the sidebar names some eighty on every page."""
    return reverse(name)
