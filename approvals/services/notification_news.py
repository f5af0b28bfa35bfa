"""From the ledger's news to announcements: what happened, in words, and whom it concerns (APR-13).

A follower: it starts with what comes after its first turn, takes each event once, and writes rows only.
"""

from collections.abc import Callable, Iterable, Sequence

from django.urls import reverse

from approvals.domain.canary import CANARY
from approvals.domain.notification_kinds import Kind
from approvals.domain.notification_text import News
from approvals.domain.status import Status
from approvals.models import AgentActionRequest
from approvals.selectors.people import get_people_names
from approvals.services.notification_audience import Audience
from approvals.services.notifications import Announcement, announce
from audit.selectors.clock import get_now
from audit.selectors.events import LedgerEntry
from audit.services.follow import Following
from governance.domain.vocabulary import Lifecycle
from governance.models import Workspace

_WAITING = {
    "request.decided": (Kind.REQUEST_PENDING, "{who} asks to {what}"),
    "request.returned": (Kind.REQUEST_PENDING, "{who} asks again to {what}"),
    "request.reminded": (Kind.REQUEST_REMINDER, "It still waits: {who} asks to {what}"),
    "request.escalated": (Kind.REQUEST_ESCALATED, "Escalated to you: {who} asks to {what}"),
    "request.stranded": (Kind.REQUEST_STRANDED, "Nobody can decide: {who} asks to {what}"),
}
_OUTCOMES = {
    "request.approved": (Kind.REQUEST_DECIDED, "Approved: {who} may {what}"),
    "request.denied": (Kind.REQUEST_DECIDED, "Denied: {who} may not {what}"),
    "request.expired": (Kind.REQUEST_DECIDED, "Nobody decided in time: {who} asked to {what}"),
    "request.executed": (Kind.REQUEST_EXECUTED, "Done: {who} asked to {what}"),
    "request.failed": (Kind.REQUEST_FAILED, "Failed: {who} asked to {what}"),
    "request.conflicted": (Kind.REQUEST_CONFLICT, "The record had changed: {who} asked to {what}"),
    "request.outcome_unknown": (Kind.REQUEST_UNKNOWN, "Nobody knows whether it was applied: {who} asked to {what}"),
}
_OWN_WORDS = "in the reviewer's own words, on the page"


def tell(entries: Sequence[LedgerEntry]) -> None:
    """Write what these events lead to. Runs in the follower's transaction; calls nothing foreign."""
    now = get_now()
    requests = _requests(entries)
    workspaces = {row.slug: row for row in Workspace.objects.filter(slug__in={entry.workspace for entry in entries})}
    audience = Audience(workspaces, requests)
    names = get_people_names({entry.actor.id for entry in entries if entry.actor.type == "human"})
    reasons = audience.list_reasons(entries)
    found = []
    for entry in entries:
        workspace = workspaces.get(entry.workspace)
        if workspace is None:
            continue
        request = requests.get(entry.subject.id)
        if request is not None:
            found += _about_request(entry, request, audience, names, reasons)
        elif entry.type in _ALARMS:
            found += _alarm(entry, workspace, audience, names)
    announce(found, now=now)


def _requests(entries: Iterable[LedgerEntry]) -> dict[str, AgentActionRequest]:
    ids = {entry.subject.id for entry in entries if entry.subject.type == "request"}
    rows = AgentActionRequest.objects.filter(pk__in=ids).select_related("agent", "person", "connection")
    return {str(row.pk): row for row in rows.defer("body", "patch")}


def _about_request(
    entry: LedgerEntry,
    request: AgentActionRequest,
    audience: Audience,
    names: dict[str, str],
    reasons: dict[str, str],
) -> list[Announcement]:
    if request.actor_type == CANARY and entry.type not in _WAITING:
        return []  # nobody asked for it
    if entry.type in _WAITING:
        if request.status != Status.PENDING:
            return []
        kind, words = _WAITING[entry.type]
        people = audience.of_waiting(entry, request)
        path = reverse("approvals:trace" if kind is Kind.REQUEST_STRANDED else "approvals:review", args=[request.pk])
        more: list[tuple[str, str]] = []
    else:
        kind, words = _OUTCOMES[entry.type]
        people = audience.of_outcome(entry, request)
        path = reverse("approvals:trace", args=[request.pk])
        more = _decided(entry, names, reasons) if kind is Kind.REQUEST_DECIDED else _coded(entry)
    who = _asker(request)
    title = words.format(who=who, what=f"{request.action.replace('_', ' ')} {request.object_type}".strip())
    return [
        Announcement(
            workspace_id=request.workspace_id,
            news=News(kind, title, path, (*_facts(request), *more), request.correlation_id),
            key=str(entry.id),
            person_ids=people,
            agent_id=request.agent_id,
            request_id=request.pk,
            data=_codes(entry, request),
        )
    ]


def _asker(request: AgentActionRequest) -> str:
    if request.agent is not None:
        return request.agent.name
    return request.person.name if request.person is not None else "somebody"


def _facts(request: AgentActionRequest) -> list[tuple[str, str]]:
    tier = [("Risk tier", request.risk_tier)] if request.risk_tier else []
    return [("Asked by", _asker(request)), ("Where", request.connection.name), *tier]


def _decided(entry: LedgerEntry, names: dict[str, str], reasons: dict[str, str]) -> list[tuple[str, str]]:
    """Who and why. A reviewer's own words may hold anything: they stay on the page."""
    if entry.type == "request.expired":
        return [("Decided by", "nobody: its time ran out")]
    by = names.get(entry.actor.id, "a person") if entry.actor.type == "human" else "policy"
    if entry.actor.id.startswith("standing:"):
        by = f"standing approval {entry.data.get('standing', '')}".strip()
    code = str(entry.data.get("code", ""))
    why = reasons.get(entry.subject.id, _OWN_WORDS) if entry.type == "request.denied" and not code else code
    return [("Decided by", by), *([("Why", why)] if why else [])]


def _coded(entry: LedgerEntry) -> list[tuple[str, str]]:
    code = str(entry.data.get("code", ""))
    return [("Code", code)] if code else []


def _codes(entry: LedgerEntry, request: AgentActionRequest) -> dict[str, str]:
    return {
        "request": str(request.pk),
        "event": entry.type,
        "status": request.status,
        "code": str(entry.data.get("code", "")),
        "agent": request.agent.name if request.agent is not None else "",
        "action": request.action,
        "object": request.object_type,
        "risk_tier": request.risk_tier,
    }


def _alarm(entry: LedgerEntry, workspace: Workspace, audience: Audience, names: dict[str, str]) -> list[Announcement]:
    made = _ALARMS[entry.type](entry)
    if made is None:
        return []
    kind, title, path, permission = made
    by = names.get(entry.actor.id, "") if entry.actor.type == "human" else entry.actor.id
    agent = str(entry.data.get("agent", ""))
    facts = [*([("Agent", agent)] if agent else []), *([("By", by)] if by else [])]
    return [
        Announcement(
            workspace_id=workspace.pk,
            news=News(kind, title, path, tuple(facts), entry.correlation_id),
            key=str(entry.id),
            person_ids=audience.of_alarm(entry, workspace, permission, agent),
            data={"event": entry.type, "agent": agent, "subject": entry.subject.id},
        )
    ]


_Alarm = tuple[Kind, str, str, str]


def _list(page: str) -> str:
    return reverse(f"admin:{page}_changelist")


def _overdue(entry: LedgerEntry) -> _Alarm:
    stage = str(entry.data.get("stage", "")).replace("_", " ")
    path = reverse("approvals:exception", args=[entry.subject.id])
    return Kind.EXCEPTION_SLA, f"An exception is late for its {stage or 'review'}", path, "handle_exceptions"


def _glass(_entry: LedgerEntry) -> _Alarm:
    return (
        Kind.BREAK_GLASS,
        "Break-glass is open: a rule is lifted for a while",
        _list("governance_breakglass"),
        "lift_switches",
    )


def _breaker(entry: LedgerEntry) -> _Alarm:
    name = str(entry.data.get("breaker", entry.data.get("name", "")))
    return (
        Kind.BREAKER_OPENED,
        f"Circuit breaker {name} opened".replace("  ", " "),
        _list("governance_breaker"),
        "manage_agents",
    )


def _lifecycle(entry: LedgerEntry) -> _Alarm | None:
    if entry.data.get("to") == Lifecycle.ACTIVE or entry.data.get("from") != Lifecycle.ACTIVE:
        return None
    title = f"{entry.data.get('agent', 'An agent')} is {entry.data.get('to', 'stopped')} now"
    return Kind.AGENT_STOPPED, title, _list("governance_agent"), "manage_agents"


def _switch(entry: LedgerEntry) -> _Alarm:
    if entry.data.get("kind") == "agent":
        return (
            Kind.AGENT_STOPPED,
            f"{entry.data.get('agent', 'An agent')} is stopped",
            _list("governance_killswitch"),
            "lift_switches",
        )
    kind = str(entry.data.get("kind", "")).replace("_", " ")
    return Kind.SWITCH_ENGAGED, f"Stopped: {kind or 'agents'}", _list("governance_killswitch"), "lift_switches"


def _policy(entry: LedgerEntry) -> _Alarm:
    word = "promoted to production" if entry.type == "policy.promoted" else "published in the sandbox"
    return Kind.POLICY_PUBLISHED, f"A policy was {word}", _list("governance_policyversion"), "publish_policy"


def _proposal(entry: LedgerEntry) -> _Alarm | None:
    if entry.data.get("kind") != "dnc_removal":
        return None
    return (
        Kind.DNC_REMOVAL,
        "Somebody wants a do-not-contact entry ended",
        _list("governance_changeproposal"),
        "manage_dnc",
    )


def _bulk_revert(entry: LedgerEntry) -> _Alarm:
    """Of whoever started it: the event names them as its owner."""
    results = entry.data.get("results") or {}
    left = sum(number for name, number in results.items() if name != "reverted")
    words = f"Taken back: {results.get('reverted', 0):,} changes" + (f", {left:,} left to you" if left else "")
    return Kind.BULK_REVERT, words, reverse("approvals:bulk_revert", args=[entry.subject.id]), "revert_requests"


_ALARMS: dict[str, Callable[[LedgerEntry], _Alarm | None]] = {
    "agent.lifecycle_changed": _lifecycle,
    "break_glass.opened": _glass,
    "breaker.opened": _breaker,
    "bulk_revert.finished": _bulk_revert,
    "change.proposed": _proposal,
    "exception.overdue": _overdue,
    "policy.promoted": _policy,
    "policy.published": _policy,
    "switch.engaged": _switch,
}

NOTIFICATIONS = Following(
    name="notifications", types=frozenset({*_WAITING, *_OUTCOMES, *_ALARMS}), take=tell, from_now=True
)
