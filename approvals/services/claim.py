"""The claim: one worker takes one approved request, after the second look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import F, Q

from approvals.adapters.action_lock import worker_identity
from approvals.domain.attached import attachments_in
from approvals.domain.backoff import SWITCH_PAUSE
from approvals.domain.judgement import decision_event_data
from approvals.domain.operations import make_operation
from approvals.domain.patch import Patch, before_values, read_patch
from approvals.domain.status import Status
from approvals.domain.switches import stopped_by
from approvals.models import AgentActionRequest, Attempt
from approvals.selectors.bulk_releases import read_stops
from approvals.services.addressee import read_addressee
from approvals.services.breaker_gate import broken_by
from approvals.services.dnc import dnc_events
from approvals.services.events import request_event, system
from approvals.services.recheck import Recheck, Verdict, recheck_request, request_association
from approvals.services.redeciding import redecided_columns
from approvals.services.transition import advance
from approvals.services.window import hold_locked, release_locked, window_seconds
from audit.domain.event import Actor, NewEvent
from audit.selectors.clock import get_now
from audit.selectors.database_clock import DatabaseNow
from audit.services.append import append_events
from audit.services.rows import insert, row_of
from crm_connectors.domain.record import Operation
from governance.domain.action_class import SENDS
from governance.domain.budget_counter import Hold, dump_holds, read_holds
from governance.domain.facts import RecordFacts
from governance.domain.vocabulary import Action
from governance.services.budgets import BudgetLostError, give_back, reserve_budgets
from governance.services.switch_lock import hold_shared
from governance.services.touches import TouchLostError, move_touches

_JOINED = ("workspace", "connection", "agent", "credential", "person", "reverses")
NOT_EXPIRED = Q(expires_at__gt=DatabaseNow())
_DUE = Q(not_before__isnull=True) | Q(not_before__lte=DatabaseNow())


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One attempt under way. `epoch` is its fencing token: every later step names it, and a newer claim voids it."""

    request: AgentActionRequest
    attempt_id: UUID
    epoch: int
    tries: int
    actor: Actor
    patch: Patch
    operation: Operation


def claim_request(*, request_id: UUID, worker: str) -> Claim | None:
    """Take the request if it is due, unexpired and still allowed; else put it where it belongs now and return None.

    What has a send window is held instead, and taken once the window is over and nobody cancelled.

    One transaction, whose end is under the shared kill lock: after a kill switch has returned, no claim commits.
    """
    addressee = read_addressee(request_id)
    try:
        with transaction.atomic():
            return _claim(request_id, addressee, worker=worker)
    except (BudgetLostError, TouchLostError):
        # Someone else took the last of a budget, or a person, since the second look: it stays approved and waits.
        due = AgentActionRequest.objects.filter(pk=request_id, status__in=(Status.APPROVED, Status.HELD))
        due.update(not_before=get_now() + SWITCH_PAUSE)
        return None


def claim_together(*, request_ids: Sequence[UUID], worker: str) -> list[Claim]:
    """Those of these requests that `claim_request` would take, claimed in one transaction: a few at a time, for a stop
    waits for its end. For requests that touch nobody and take nothing from budgets, like a person's reverts.

    Raises what any of them raises, and then none was claimed."""
    with transaction.atomic():
        found = [_claim(request_id, None, worker=worker) for request_id in request_ids]
    return [claim for claim in found if claim is not None]


def _claim(request_id: UUID, addressee: RecordFacts | None, *, worker: str) -> Claim | None:
    now = get_now()
    request = lock_request(request_id)
    if request is None or not _is_claimable(request, worker=worker, now=now):
        return None
    actor = system(worker)
    if request.expires_at is not None and request.expires_at <= now:
        expire_locked(request, actor=actor, now=now)
        return None
    recheck = recheck_request(request, addressee=addressee, now=now)
    if recheck.verdict is not Verdict.GO:
        _put_aside(request, recheck, actor=actor, now=now)
        return None
    if seconds := window_seconds(request, recheck):
        hold_locked(request, recheck, seconds=seconds, worker=worker, now=now)
        return None
    return _take_unless_stopped(request, recheck, worker=worker, now=now)


def _take_unless_stopped(request: AgentActionRequest, recheck: Recheck, *, worker: str, now: datetime) -> Claim | None:
    step = _lay_out(request, recheck, worker=worker, now=now)
    # INVARIANT: switches and breakers are read under the lock and after it; a stop waits for what follows only.
    hold_shared()
    switches = read_stops(request)
    if stopped_by(switches, request.actor_type, request.action) or broken_by(request, switches, now):
        postpone(request, now + SWITCH_PAUSE)
        return None
    return _take(request, recheck, step, now=now)


def _is_claimable(request: AgentActionRequest, *, worker: str, now: datetime) -> bool:
    """Whether its turn has come. What was held goes on, unless a stop keeps it."""
    if request.not_before is not None and request.not_before > now:
        return False
    if request.status == Status.HELD:
        return release_locked(request, worker=worker, now=now)
    return request.status == Status.APPROVED


def lock_request(request_id: UUID) -> AgentActionRequest | None:
    """The row, locked to the end of the transaction, with what the steps need joined."""
    rows = AgentActionRequest.objects.select_for_update(of=("self",)).select_related(*_JOINED)
    return rows.filter(pk=request_id).first()


def expire_locked(request: AgentActionRequest, *, actor: Actor, now: datetime) -> bool:
    """Expire a pending or approved request if the database's clock agrees. An expiry is never a human no."""
    return advance(
        request_id=request.pk,
        expected={Status.PENDING, Status.APPROVED},
        new=Status.EXPIRED,
        code="expired",
        now=now,
        event=request_event(request, "request.expired", actor, data={"from": request.status}),
        conditions=Q(expires_at__lte=DatabaseNow()),
    )


def _put_aside(request: AgentActionRequest, recheck: Recheck, *, actor: Actor, now: datetime) -> None:
    if recheck.verdict is Verdict.WAIT:
        postpone(request, now + recheck.pause)
        return
    new, event_type = {
        Verdict.CANCEL: (Status.CANCELLED, "request.cancelled"),
        Verdict.DENY: (Status.DENIED, "request.denied"),
        Verdict.RETURN: (Status.PENDING, "request.returned"),
    }[recheck.verdict]
    columns = redecided_columns(request, recheck, now=now)
    data: dict[str, Any] = {"code": recheck.code}
    if recheck.judgement is not None:
        data |= decision_event_data(recheck.judgement, digest=columns["digest"]) | {"code": recheck.code}
    is_aside = advance(
        request_id=request.pk,
        expected=Status.APPROVED,
        new=new,
        code=recheck.code,
        now=now,
        event=request_event(request, event_type, actor, data=data),
        not_before=None,
        **columns,
    )
    if is_aside and recheck.judgement is not None:
        append_events(dnc_events(request, recheck.judgement.facts, point="claim"), now=now)


def postpone(request: AgentActionRequest, until: datetime) -> None:
    """Look again later. The status stays."""
    AgentActionRequest.objects.filter(pk=request.pk, status=request.status).update(not_before=until)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """What a claim writes and answers, worked out before the kill lock: a stop waits for none of it."""

    columns: dict[str, Any]
    attempt: Attempt
    event: NewEvent
    claim: Claim


def _lay_out(request: AgentActionRequest, recheck: Recheck, *, worker: str, now: datetime) -> _Step:
    columns = redecided_columns(request, recheck, now=now) | {"holds": dump_holds(recheck.holds)}
    patch = recheck.judgement.decision.patch if recheck.judgement else read_patch(request.patch)
    attempt = Attempt(
        request=request,
        epoch=request.epoch + 1,
        worker=worker_identity(worker),
        operation_key=f"request:{request.pk}",
        claimed_at=now,
    )
    return _Step(
        columns=columns,
        attempt=attempt,
        event=_claimed(request, attempt, recheck, columns.get("digest", request.digest), worker=worker),
        claim=Claim(
            request=request,
            attempt_id=attempt.pk,
            epoch=attempt.epoch,
            tries=request.attempts_count + 1,
            actor=system(worker),
            patch=patch,
            operation=msgspec.structs.replace(
                operation_of(request, patch), version=columns.get("record_version", request.record_version)
            ),
        ),
    )


def _take(request: AgentActionRequest, recheck: Recheck, step: _Step, *, now: datetime) -> Claim | None:
    is_ours = advance(
        request_id=request.pk,
        expected=Status.APPROVED,
        new=Status.EXECUTING,
        code="",
        now=now,
        event=step.event,
        conditions=Q(epoch=request.epoch) & NOT_EXPIRED & _DUE,
        epoch=F("epoch") + 1,
        attempts_count=F("attempts_count") + 1,
        not_before=None,
        **step.columns,
    )
    if not is_ours:
        return None
    _move_holds(request, recheck.holds)
    if request.action in SENDS:
        move_touches(recheck.touches, request_id=request.pk, workspace_id=request.workspace_id, now=now)
    insert(row_of(step.attempt))
    for name, value in step.columns.items():
        setattr(request, name, value)
    request.epoch, request.attempts_count, request.status = step.claim.epoch, step.claim.tries, Status.EXECUTING
    return step.claim


def _move_holds(request: AgentActionRequest, holds: tuple[Hold, ...]) -> None:
    """What was taken when it was decided is consumed in the window of the claim. Raises BudgetLostError."""
    held, wanted = read_holds(request.holds), {hold.id: hold.amount for hold in holds}
    more = tuple(
        msgspec.structs.replace(hold, amount=hold.amount - held.get(hold.id, 0))
        for hold in holds
        if hold.amount > held.get(hold.id, 0)
    )
    less = {counter: amount - wanted.get(counter, 0) for counter, amount in held.items()}
    give_back({counter: amount for counter, amount in less.items() if amount > 0})
    reserve_budgets(more, workspace_id=request.workspace_id)


def _claimed(request: AgentActionRequest, attempt: Attempt, recheck: Recheck, digest: str, *, worker: str) -> NewEvent:
    """The claim on record, with the policy that decided and the one that looked again."""
    decided_under = str(request.decision.get("policy_version", ""))
    data = {
        "attempt": str(attempt.pk),
        "decided_under": decided_under,
        "digest": digest,
        "epoch": attempt.epoch,
        "policy_version": recheck.judgement.decision.policy_version if recheck.judgement else decided_under,
    }
    return request_event(request, "request.claimed", system(worker), data=data)


def operation_of(request: AgentActionRequest, patch: Patch) -> Operation:
    """The connector's write, as far as it is known before the record is read again."""
    return make_operation(
        request_id=request.pk,
        action=request.action,
        object_type=request.object_type,
        record_id=request.record_id,
        patch=patch,
        correlation_id=request.correlation_id,
        actor=request.agent.name if request.agent is not None else f"person:{request.person_id}",
        association=request_association(request),
        before=before_values(patch) if request.record_id else {},
        version=request.record_version,
        attachments=attachments_in(request.body) if request.action == Action.SEND_EMAIL else (),
    )


def with_read(operation: Operation, *, before: dict[str, Any], version: str) -> Operation:
    """The same write, pinned to what the record held right before it."""
    return msgspec.structs.replace(operation, before=before, version=version)
