"""Standing approvals: given by somebody who approves, used up one request at a time, revoked in one click (APR-11)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max, Q

from approvals.dispatch import nudge
from approvals.domain.patch import Patch, read_patch
from approvals.domain.standing import MAX_DAYS, MAX_USES, Covered, covers, is_asked_as_before, why_not
from approvals.domain.status import Status
from approvals.models import AgentActionRequest, StandingApproval, Vote
from approvals.selectors.quorum import find_excluded, get_memberships, get_quorum, get_requirement
from approvals.selectors.requests import load_decision
from approvals.services.claim import NOT_EXPIRED, lock_request
from approvals.services.events import request_event
from approvals.services.provenance import signed_fields
from approvals.services.transition import advance
from audit.domain.event import Actor, NewEvent, Subject
from audit.selectors.database_clock import DatabaseNow
from audit.services.append import append_event
from governance.domain.document import FieldRule
from governance.domain.index import PolicyIndex
from governance.domain.quorum import APPROVE
from governance.domain.vocabulary import ActorType
from governance.models import Workspace
from governance.selectors.policy import get_policy_index

_LIVE = Q(revoked_at__isnull=True, uses__lt=F("max_uses"), expires_at__gt=DatabaseNow())


class StandingRefusedError(ValueError):
    """A standing approval for this cannot be given. The message says why, in words."""

    code = "standing_refused"


class _NotEnoughError(Exception):
    """The vote would not settle the request: nothing of it stays."""


def give_standing_approval(
    *,
    request_id: UUID,
    person_id: UUID,
    days: int,
    max_uses: int,
    is_any_value: bool,
    confidence_gap: float,
    now: datetime,
) -> UUID:
    """Approve the next requests like this one, which the person has just approved.

    `confidence_gap`: how far below this request's confidence the next may lie. Commits the row and `standing.given`.
    Raises StandingRefusedError.
    """
    if not (1 <= days <= MAX_DAYS and 1 <= max_uses <= MAX_USES and 0 <= confidence_gap <= 1):
        raise StandingRefusedError(f"choose 1 to {MAX_DAYS} days and 1 to {MAX_USES} uses")
    with transaction.atomic():
        request = lock_request(request_id)
        if request is None or request.agent is None or request.actor_type != ActorType.AGENT:
            raise StandingRefusedError("only an agent's request can be approved beforehand")
        if not _has_approved(request, person_id):
            raise StandingRefusedError("approve the request itself first")
        _require_coverable(request, person_id, like=request)
        patch = _own_patch(request)
        row = StandingApproval.objects.create(
            workspace_id=request.workspace_id,
            number=_next_number(request.workspace_id),
            person_id=person_id,
            agent=request.agent,
            connection_id=request.connection_id,
            action=request.action,
            object_type=request.object_type,
            fields=sorted(change.field for change in patch),
            allowed_values={change.field: None if is_any_value else [change.after] for change in patch},
            min_confidence=max(0.0, float(request.body["confidence"]) - confidence_gap),
            max_uses=max_uses,
            given_for=request,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        append_event(_event(row, "standing.given", person_id), now=now)
    return row.pk


def revoke_standing_approval(*, standing_id: UUID, person_id: UUID, now: datetime) -> None:
    """From now on it approves nothing, not even what it approved and nobody has claimed yet. A second call is nothing.

    Commits the row and `standing.revoked`. Raises StandingApproval.DoesNotExist.
    """
    with transaction.atomic():
        row = StandingApproval.objects.select_for_update().get(pk=standing_id)
        if row.revoked_at is not None:
            return
        row.revoked_at, row.revoked_by_id = now, person_id
        row.save(update_fields=["revoked_at", "revoked_by"])
        append_event(_event(row, "standing.revoked", person_id), now=now)


def apply_standing_approval(*, request_id: UUID, now: datetime) -> bool:
    """Let a standing approval approve a pending request, if one covers it and its person could do so alone right now.

    Commits vote, use, transition and events together, or nothing. A worker lost before leaves the request to people.
    """
    for standing_id in _candidates(request_id):
        try:
            with transaction.atomic():
                _approve(request_id, standing_id, now)
        except _NotEnoughError:
            continue
        nudge("execute", request_id)
        return True
    return False


def _candidates(request_id: UUID) -> list[UUID]:
    request = AgentActionRequest.objects.filter(pk=request_id, status=Status.PENDING).first()
    if request is None or request.agent_id is None or request.actor_type != ActorType.AGENT:
        return []
    rows = StandingApproval.objects.filter(
        _LIVE,
        agent_id=request.agent_id,
        action=request.action,
        connection_id=request.connection_id,
        object_type=request.object_type,
    )
    patch, confidence = _own_patch(request), float(request.body["confidence"])
    return [row.pk for row in rows.order_by("number") if covers(_covered(row), patch, confidence)]


def _approve(request_id: UUID, standing_id: UUID, now: datetime) -> None:
    request = lock_request(request_id)
    if request is None or request.status != Status.PENDING:
        raise _NotEnoughError
    taken = StandingApproval.objects.filter(_LIVE, pk=standing_id).update(uses=F("uses") + 1, last_used_at=now)
    if not taken:
        raise _NotEnoughError
    row = StandingApproval.objects.select_related("given_for").get(pk=standing_id)
    try:
        _require_coverable(request, row.person_id, like=row.given_for)
    except StandingRefusedError as error:
        raise _NotEnoughError from error
    Vote.objects.create(
        request=request,
        person_id=row.person_id,
        user_id_seen="",
        digest=request.digest,
        verdict=APPROVE,
        reason=f"standing approval {row.number}",
        standing=row,
        created_at=now,
    )
    if not get_quorum(request, get_requirement(request), digest=request.digest).is_met:
        raise _NotEnoughError
    by = f"standing:{row.number}:person:{row.person_id}"
    data = {"digest": request.digest, "approvers": [str(row.person_id)], "standing": row.number}
    is_first = advance(
        request_id=request.pk,
        expected=Status.PENDING,
        new=Status.APPROVED,
        code="",
        now=now,
        event=request_event(request, "request.approved", Actor("system", f"standing:{row.number}"), data=data),
        conditions=Q(digest=request.digest) & NOT_EXPIRED,
        decided_by=by,
        decided_at=now,
    )
    if not is_first:
        raise _NotEnoughError


def _require_coverable(request: AgentActionRequest, person_id: UUID, *, like: AgentActionRequest) -> None:
    """Raises StandingRefusedError unless this person alone may settle requests like this one, and nothing asks for a
    person that they did not see at the one which they approved."""
    requirement = get_requirement(request)
    index = get_policy_index(request.workspace_id, request.connection.environment)
    refusal = why_not(request.action, _own_patch(request), requirement, _fields(index, request))
    if refusal:
        raise StandingRefusedError(refusal)
    if not is_asked_as_before(load_decision(like), load_decision(request)):
        raise StandingRefusedError("something else asks for a person this time, or break-glass opened it")
    members = get_memberships(request.workspace_id, requirement.all_groups)
    if str(person_id) in find_excluded(request) or not any(str(person_id) in people for people in members.values()):
        raise StandingRefusedError("you could not approve the next ones yourself")


def _own_patch(request: AgentActionRequest) -> Patch:
    """What the agent asked for, without its signature, which is another one each time."""
    signed = signed_fields(request)
    return tuple(change for change in read_patch(request.patch) if change.field not in signed)


def _fields(index: PolicyIndex | None, request: AgentActionRequest) -> Mapping[str, FieldRule]:
    entry = index.objects.get((request.connection.name, request.object_type)) if index is not None else None
    return entry.fields if entry is not None else {}


def _has_approved(request: AgentActionRequest, person_id: UUID) -> bool:
    votes = Vote.objects.filter(request=request, person_id=person_id, verdict=APPROVE, digest=request.digest)
    return votes.filter(standing__isnull=True).exists()


def _covered(row: StandingApproval) -> Covered:
    return Covered(fields=tuple(row.fields), allowed_values=row.allowed_values, min_confidence=row.min_confidence)


def _next_number(workspace_id: UUID) -> int:
    """The workspace's row is the lock: two at once take two numbers."""
    Workspace.objects.select_for_update().get(pk=workspace_id)
    highest = StandingApproval.objects.filter(workspace_id=workspace_id).aggregate(n=Max("number"))["n"]
    return int(highest or 0) + 1


def _event(row: StandingApproval, event_type: str, person_id: UUID) -> NewEvent:
    return NewEvent(
        type=event_type,
        workspace=row.workspace.slug,
        actor=Actor("human", str(person_id)),
        subject=Subject("standing_approval", str(row.pk)),
        correlation_id=f"standing-{row.pk}",
        data={
            "number": row.number,
            "agent": row.agent.name,
            "action": row.action,
            "object": row.object_type,
            "fields": row.fields,
            "is_any_value": None in row.allowed_values.values(),
            "max_uses": row.max_uses,
            "uses": row.uses,
            "expires_at": row.expires_at.isoformat(),
            "given_for": str(row.given_for_id),
        },
    )
