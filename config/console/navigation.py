"""The sidebar: grouped by job, holding only what exists and what the person may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.urls import reverse

from governance.domain.roles import PERMISSIONS
from governance.models import User
from governance.selectors.access import holds_anywhere

Item = dict[str, Any]
Registered = Mapping[str, "ModelAdmin[Any]"]


@dataclass(frozen=True, slots=True)
class Screen:
    """One admin screen by its model, `app_label.ModelName`."""

    model: str
    title: str
    icon: str


REVIEW = (Screen("governance.ChangeProposal", "Two-person changes", "group_add"),)
GROUPS: tuple[tuple[str, tuple[Screen, ...]], ...] = (
    (
        "Agents & access",
        (
            Screen("governance.Agent", "Agents", "smart_toy"),
            Screen("governance.Credential", "Credentials", "key"),
            Screen("governance.Grant", "Grants", "rule"),
            Screen("governance.Delegation", "Delegations", "handshake"),
            Screen("governance.KillSwitch", "Kill switches", "emergency_home"),
            Screen("governance.BreakGlass", "Break-glass", "destruction"),
            Screen("governance.Connection", "Connections", "cable"),
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
    ("Ledger", (Screen("audit.LedgerEvent", "Events", "receipt_long"),)),
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


def list_navigation(request: HttpRequest) -> list[Item]:
    """unfold's navigation for this person. A screen that no room registered, or that they may not view, is left out;
    what a room registered without a place here stands under its own heading at the end.
    """
    registered = {model._meta.label: screen for model, screen in admin.site._registry.items()}  # noqa: SLF001  # no public look-up
    groups = [_group("", _home(request)), _group("Review", _review(request) + _screens(request, REVIEW, registered))]
    groups += [_group(title, _screens(request, screens, registered)) for title, screens in GROUPS]
    groups.append(_group("More", _others(request, registered), collapsible=True))
    return [group for group in groups if group["items"]]


def _group(title: str, items: list[Item], *, collapsible: bool = False) -> Item:
    return {"title": title, "items": items, "collapsible": collapsible, "separator": False}


def _home(request: HttpRequest) -> list[Item]:
    if not (request.user.is_active and request.user.is_staff):
        return []
    address = reverse("admin:index")
    return [_item("Home", "home", address, is_active=request.path == address)]


def _review(request: HttpRequest) -> list[Item]:
    user = request.user
    if not isinstance(user, User) or not holds_anywhere(user, *PERMISSIONS):
        return []
    catalog, mine = reverse("approvals:catalog"), reverse("approvals:mine")
    news = reverse("approvals:notifications")
    everyones = [
        _item("What agents may do", "menu_book", catalog, is_active=request.path == catalog),
        _item("Notifications", "notifications", news, is_active=request.path.startswith(news)),
    ]
    if not user.is_staff:
        everyones = [_item("Your records", "person", mine, is_active=request.path == mine), *everyones]
    reviews = reverse("approvals:access_reviews")
    if holds_anywhere(user, "review_access", "view_ledger"):
        is_active = request.path.startswith(reviews)
        everyones = [*everyones, _item("Access reviews", "how_to_reg", reviews, is_active=is_active)]
    reports = reverse("approvals:report")
    if holds_anywhere(user, "view_reports"):
        is_active = request.path.startswith(reports)
        everyones = [*everyones, _item("Reports", "bar_chart", reports, is_active=is_active)]
    if not holds_anywhere(user, "view_requests"):
        return everyones
    inbox, requests = reverse("approvals:inbox"), reverse("approvals:requests")
    leaving = reverse("approvals:leaving")
    stops, drills = reverse("approvals:stops"), reverse("approvals:drills")
    away = reverse("approvals:out_of_office")
    exceptions, incidents = reverse("approvals:exceptions"), reverse("approvals:incidents")
    standing, suggestions = reverse("approvals:standing"), reverse("approvals:suggestions")
    quality = reverse("approvals:quality")
    return [
        _item("Inbox", "inbox", inbox, is_active=request.path.startswith(inbox) and request.path != leaving),
        _item("Exceptions", "report", exceptions, is_active=request.path.startswith(exceptions)),
        _item("Incidents", "emergency", incidents, is_active=request.path.startswith(incidents)),
        _item("Leaving soon", "schedule_send", leaving, is_active=request.path == leaving),
        _item("Suggestions", "lightbulb", suggestions, is_active=request.path.startswith(suggestions)),
        _item("Standing approvals", "verified", standing, is_active=request.path.startswith(standing)),
        _item("Out of office", "event_busy", away, is_active=request.path.startswith(away)),
        *(
            [_item("Quality", "fact_check", quality, is_active=request.path.startswith(quality))]
            if holds_anywhere(user, "view_quality")
            else []
        ),
        _item("All requests", "list_alt", requests, is_active=request.path.startswith(requests)),
        *everyones,
        _item("Stops", "front_hand", stops, is_active=request.path.startswith(stops)),
        _item("Dumb failures", "science", drills, is_active=request.path.startswith(drills)),
    ]


def _screens(request: HttpRequest, screens: tuple[Screen, ...], registered: Registered) -> list[Item]:
    found = ((screen, registered.get(screen.model)) for screen in screens)
    return [
        _screen(request, model_admin, screen.title, screen.icon)
        for screen, model_admin in found
        if model_admin is not None and model_admin.has_view_or_change_permission(request)
    ]


def _others(request: HttpRequest, registered: Registered) -> list[Item]:
    placed = {screen.model for screens in (REVIEW, *(screens for _, screens in GROUPS)) for screen in screens}
    return [
        _screen(request, model_admin, str(model_admin.opts.verbose_name_plural).capitalize(), "tag")
        for label, model_admin in sorted(registered.items())
        if label not in placed and model_admin.has_view_or_change_permission(request)
    ]


def _screen(request: HttpRequest, model_admin: "ModelAdmin[Any]", title: str, icon: str) -> Item:
    options = model_admin.opts
    address = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
    return _item(title, icon, address, is_active=request.path.startswith(address))


def _item(title: str, icon: str, link: str, *, is_active: bool) -> Item:
    return {"title": title, "icon": icon, "link": link, "active": is_active}
