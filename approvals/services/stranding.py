"""What nobody may decide any more: escalated at once, and shown until somebody may (APR-05, IDN-07).

Memberships, rights, stand-ins, agents' owners and who saw their secrets change while requests wait. The ledger tells;
the open requests of that workspace are looked at again, a page at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from approvals.domain.status import Status
from approvals.models import AgentActionRequest, Reassessment, Stranded
from approvals.selectors.of_agents import concerned_agent_id
from approvals.selectors.quorum import get_backups, get_excluded, get_requirement
from approvals.services.claim import lock_request
from approvals.services.escalation import escalate_group
from approvals.services.events import request_event, system
from audit.selectors.clock import get_now
from audit.selectors.events import LedgerEntry
from audit.services.append import append_event
from governance.domain.quorum import can_be_met
from governance.domain.seats import Seat, people_in_seats
from governance.models import ApproverGroup, Workspace
from governance.selectors.agent_holders import Holders, find_holders
from governance.selectors.seats import list_seats
from governance.selectors.secret_keepers import list_keepers

CHANGES = (
    *("config.changed", "config.reverted", "stand_in.ended", "stand_in.revoked", "policy_file.applied"),
    *("role.assigned", "role.withdrawn", "agent_rights.changed", "credential.issued", "credential.rotated"),
)
_MODELS = frozenset({"membership", "approvergroup", "person", "agent", "user"})
_PAGE = 200


def ask_again(entries: Sequence[LedgerEntry]) -> None:
    """Have the open requests looked at where who may approve has changed. Runs in the follower's transaction."""
    slugs = {entry.workspace for entry in entries if _is_about_people(entry)}
    workspaces = Workspace.objects.all() if "*" in slugs else Workspace.objects.filter(slug__in=slugs)
    for workspace_id in workspaces.values_list("pk", flat=True) if slugs else ():
        Reassessment.objects.update_or_create(
            workspace_id=workspace_id, defaults={"after": None, "asked_at": get_now()}
        )


def _is_about_people(entry: LedgerEntry) -> bool:
    return not entry.type.startswith("config.") or entry.data.get("model") in _MODELS


def reassess(*, limit: int = _PAGE) -> int:
    """Look at the next page of what is to be looked at again, and at what is stranded; returns how many requests."""
    seen = 0
    for row in Reassessment.objects.order_by("asked_at")[:5]:
        seen += _next_page(row, limit)
    return seen + _look_at_stranded(limit)


def _next_page(row: Reassessment, limit: int) -> int:
    with transaction.atomic():
        locked = Reassessment.objects.select_for_update(skip_locked=True).filter(pk=row.pk).first()
        if locked is None:
            return 0
        rows = _pending().filter(workspace=locked.workspace_id).order_by("id")
        page = list((rows.filter(pk__gt=locked.after) if locked.after else rows)[:limit])
        assess(page, now=get_now())
        if len(page) < limit:
            locked.delete()
        else:
            Reassessment.objects.filter(pk=locked.pk).update(after=page[-1].pk)
    return len(page)


def _look_at_stranded(limit: int) -> int:
    """A stand-in that begins rescues without a word in the ledger; a request that is settled is stranded no more."""
    Stranded.objects.exclude(request__status=Status.PENDING).delete()
    ids = list(Stranded.objects.order_by("checked_at").values_list("pk", flat=True)[:limit])
    if ids:
        with transaction.atomic():
            assess(list(_pending().filter(pk__in=ids)), now=get_now())
    return len(ids)


def _pending() -> QuerySet[AgentActionRequest]:
    return AgentActionRequest.objects.filter(status=Status.PENDING).select_related("agent", "workspace", "reverses")


def assess(requests: Sequence[AgentActionRequest], *, now: datetime) -> None:
    """Judge whether somebody may still decide each of these pending requests (agent and workspace joined).

    Where nobody may, its groups are escalated; where that does not help it is marked, and `request.stranded` told once.
    Runs in the caller's transaction; ten queries for any number, and some for each that nobody may decide.
    """
    by_workspace: dict[UUID, list[AgentActionRequest]] = {}
    for request in requests:
        by_workspace.setdefault(request.workspace_id, []).append(request)
    for workspace_id, group in by_workspace.items():
        _assess_in(workspace_id, group, now)


def _assess_in(workspace_id: UUID, requests: Sequence[AgentActionRequest], now: datetime) -> None:
    desk = _read_desk(workspace_id, requests)
    backups = get_backups([request.pk for request in requests])
    lost = [request for request in requests if not desk.is_decidable(request, backups.get(request.pk, {}))]
    for request in lost:
        _escalate_at_once(request, now)
    again = get_backups([request.pk for request in lost]) if lost else {}
    stranded = [request for request in lost if not desk.is_decidable(request, again.get(request.pk, {}))]
    _mark(requests, stranded, now)


@dataclass(frozen=True, slots=True)
class _Desk:
    """Who sits where in a workspace, who may review what, and who has seen the secrets of which credential."""

    seats: list[Seat]
    reviewers: Holders
    keepers: dict[int, frozenset[str]]

    def is_decidable(self, request: AgentActionRequest, backups: dict[str, str]) -> bool:
        """What the vote would judge, were everybody to approve."""
        requirement, able = get_requirement(request), self.reviewers.of(concerned_agent_id(request))
        excluded = get_excluded(request, self.keepers.get(request.credential_id or 0, ()))
        seats = [seat for seat in self.seats if seat.person in able]
        people = people_in_seats(requirement.all_groups, seats, backups=backups, excluded=excluded)
        return can_be_met(requirement, people, excluded)


def _read_desk(workspace_id: UUID, requests: Sequence[AgentActionRequest]) -> _Desk:
    agents = {agent for request in requests if (agent := concerned_agent_id(request)) is not None}
    credentials = {request.credential_id for request in requests if request.credential_id is not None}
    reviewers = find_holders("review_requests", workspace_id=workspace_id, agents=agents)
    return _Desk(list_seats(workspace_id=workspace_id), reviewers, list_keepers(credentials))


def _escalate_at_once(request: AgentActionRequest, now: datetime) -> None:
    slugs = get_requirement(request).all_groups
    groups = ApproverGroup.objects.filter(workspace=request.workspace_id, slug__in=slugs, backup_group__isnull=False)
    locked = lock_request(request.pk)
    if locked is None or locked.status != Status.PENDING:
        return
    for group in groups.select_related("backup_group"):
        escalate_group(locked, group, cause="nobody_left", actor=system("routing"), now=now)


def _mark(requests: Sequence[AgentActionRequest], stranded: Sequence[AgentActionRequest], now: datetime) -> None:
    lost = {request.pk for request in stranded}
    Stranded.objects.filter(pk__in=[request.pk for request in requests if request.pk not in lost]).delete()
    known = set(Stranded.objects.filter(pk__in=lost).values_list("pk", flat=True))
    Stranded.objects.filter(pk__in=known).update(checked_at=now)
    for request in stranded:
        if request.pk not in known:
            Stranded.objects.create(request=request, since=now, checked_at=now)
            data = {"groups": sorted(get_requirement(request).all_groups)}
            append_event(request_event(request, "request.stranded", system("routing"), data=data), now=now)
