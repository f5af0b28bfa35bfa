"""The claim: one worker takes one approved request, after the second look."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from approvals.adapters.action_lock import worker_identity
from approvals.domain.attached import attachments_in
from approvals.domain.backoff import BULK_PAUSE, SWITCH_PAUSE
from approvals.domain.judgement import decision_event_data
from approvals.domain.operations import make_operation
from approvals.domain.patch import Patch, before_values, read_patch
from approvals.domain.status import Status
from approvals.domain.switches import stopped_by
from approvals.domain.withdrawn import BULK_PAUSED, ENDS, lost_since
from approvals.models import AgentActionRequest, Attempt
from approvals.selectors.bulk_reverts import UNREAD
from approvals.selectors.paused_reverts import kept_by_pause
from approvals.selectors.second_look import SecondLook, look_again
from approvals.services.addressee import has_addressee, read_addressee
from approvals.services.breaker_gate import broken_by
from approvals.services.dnc import dnc_events
from approvals.services.events import request_event, system
from approvals.services.recheck import Recheck, Verdict, recheck_request, request_association
from approvals.services.redeciding import redecided_columns
from approvals.services.today import Today
from approvals.services.transition import Move, advance, advance_together
from approvals.services.window import hold_locked, release_locked, window_seconds
from audit.domain.event import Actor, NewEvent
from audit.selectors.clock import get_now
from audit.selectors.database_clock import CLOCK_WORDS, DatabaseNow
from audit.selectors.kept_query import KeptQuery
from audit.services.append import append_events
from audit.services.barrier import is_set_back
from audit.services.rows import GuardFailedError, rows_of
from crm_connectors.domain.record import Operation
from governance.domain.action_class import SENDS
from governance.domain.budget_counter import Hold, dump_holds, read_holds
from governance.domain.facts import RecordFacts
from governance.domain.vocabulary import Action
from governance.services.budgets import BudgetLostError, give_back, lock_counters, reserve_budgets
from governance.services.switch_lock import hold_shared
from governance.services.touches import TouchLostError, move_touches

_JOINED = ("workspace", "connection", "agent", "credential", "person", "reverses")
NOT_EXPIRED = Q(expires_at__gt=DatabaseNow())
_STILL_DUE = "expires_at > {now} AND (not_before IS NULL OR not_before <= {now})"
_CLAIMABLE = {vendor: _STILL_DUE.format(now=word) for vendor, word in CLOCK_WORDS.items()}


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
    try:
        return next(iter(_claim_alone(request_id, worker)), None)
    except GuardFailedError:  # it expired between the look and the claim: the sweep says so
        return None
    except (BudgetLostError, TouchLostError):
        # Someone else took the last of a budget, or a person, since the second look: it stays approved and waits.
        due = AgentActionRequest.objects.filter(pk=request_id, status__in=(Status.APPROVED, Status.HELD))
        due.update(not_before=get_now() + SWITCH_PAUSE)
        return None


def claim_together(*, request_ids: Sequence[UUID], worker: str) -> list[Claim]:
    """Those of these requests that `claim_request` would take, claimed in one transaction by as many statements for a
    hundred as for two: a stop waits for the last of them. For requests that touch nobody and take nothing from budgets,
    like a person's reverts.

    Raises what any of them raises, and then none was claimed."""
    with transaction.atomic():
        now = get_now()
        return _claim_locked(list(_lock(request_ids)), None, worker=worker, now=now)


def _claim_alone(request_id: UUID, worker: str) -> list[Claim]:
    """Whom it touches is asked outside the transaction, for the CRM may be remote; most requests touch nobody."""
    with transaction.atomic():
        now = get_now()
        locked = lock_requests([request_id])
        if not any(map(has_addressee, locked)):
            return _claim_locked(locked, None, worker=worker, now=now)
    addressee = read_addressee(locked[0])
    with transaction.atomic():
        now = get_now()
        return _claim_locked(lock_requests([request_id]), addressee, worker=worker, now=now)


def _claim_locked(
    requests: Sequence[AgentActionRequest], addressee: RecordFacts | None, *, worker: str, now: datetime
) -> list[Claim]:
    today = Today(requests)
    steps = [_judge(request, addressee, today, worker=worker, now=now) for request in requests]
    return _take_unless_stopped([step for step in steps if step is not None], now=now)


def _judge(
    request: AgentActionRequest, addressee: RecordFacts | None, today: Today, *, worker: str, now: datetime
) -> "_Step | None":
    """What the claim will write; None for what was put where it belongs now."""
    if not _is_claimable(request, worker=worker, now=now):
        return None
    actor = system(worker)
    if request.expires_at is not None and request.expires_at <= now:
        if not expire_locked(request, actor=actor, now=now):
            postpone(request, now + BULK_PAUSE)
        return None
    recheck = recheck_request(request, addressee=addressee, today=today, now=now)
    if recheck.verdict is not Verdict.GO:
        _put_aside(request, recheck, actor=actor, now=now)
        return None
    if seconds := window_seconds(request, recheck):
        hold_locked(request, recheck, seconds=seconds, worker=worker, now=now)
        return None
    return _lay_out(request, recheck, worker=worker, now=now)


def _take_unless_stopped(steps: "Sequence[_Step]", *, now: datetime) -> list[Claim]:
    if not steps:
        return []
    if is_set_back():  # what is done now could not be shown to anybody later
        for step in steps:
            postpone(step.claim.request, now + SWITCH_PAUSE)
        return []
    # INVARIANT: switches and breakers are read under the lock and after it; a stop waits for what follows only.
    hold_shared()
    found = look_again([step.claim.request for step in steps])
    going = [step for step in steps if not _is_kept_back(step, found[step.claim.request.pk], now)]
    return _take(going, now=now) if going else []


def _is_kept_back(step: "_Step", found: SecondLook, now: datetime) -> bool:
    """Whether a stop holds it, or what it rests on is gone since it was judged: the next claim says what follows."""
    request, switches = step.claim.request, found.switches
    lost = lost_since(
        found.standing, step.columns.get("facts", request.facts), [change.field for change in step.claim.patch]
    )
    if lost in ENDS:
        _cancel(request, lost, actor=step.claim.actor, now=now)
    elif lost == BULK_PAUSED:
        postpone(request, now + BULK_PAUSE)
    elif lost or stopped_by(switches, request.actor_type, request.action) or broken_by(request, switches, now):
        postpone(request, now + SWITCH_PAUSE)
    else:
        return False
    return True


def _is_claimable(request: AgentActionRequest, *, worker: str, now: datetime) -> bool:
    """Whether its turn has come. What was held goes on, unless a stop keeps it."""
    if request.not_before is not None and request.not_before > now:
        return False
    if request.status == Status.HELD:
        return release_locked(request, worker=worker, now=now)
    return request.status == Status.APPROVED


def lock_request(request_id: UUID) -> AgentActionRequest | None:
    """The row, locked to the end of the transaction, with what the steps need joined."""
    return next(iter(lock_requests([request_id])), None)


def lock_requests(request_ids: Sequence[UUID]) -> list[AgentActionRequest]:
    """The same of a few, in the order of their ids. One query, kept in words for each number of them."""
    return _LOCKED.fetch(tuple(request_ids))


def _lock(request_ids: Collection[UUID]) -> QuerySet[AgentActionRequest]:
    rows = AgentActionRequest.objects.select_for_update(of=("self",)).select_related(*_JOINED)
    return rows.defer(*UNREAD).filter(pk__in=request_ids).order_by("pk")


_LOCKED = KeptQuery(_lock)


def expire_locked(request: AgentActionRequest, *, actor: Actor, now: datetime) -> bool:
    """Expire a pending or approved request if the database's clock agrees and no pause keeps it. An expiry is never a
    human no."""
    return advance(
        request_id=request.pk,
        expected={Status.PENDING, Status.APPROVED},
        new=Status.EXPIRED,
        code="expired",
        now=now,
        event=request_event(request, "request.expired", actor, data={"from": request.status}),
        conditions=Q(expires_at__lte=DatabaseNow()) & ~kept_by_pause(),
    )


def _cancel(request: AgentActionRequest, code: str, *, actor: Actor, now: datetime) -> None:
    """Cancel an approved request: who asked may act no more, or called it off."""
    event = request_event(request, "request.cancelled", actor, data={"code": code})
    advance(
        request_id=request.pk,
        expected=Status.APPROVED,
        new=Status.CANCELLED,
        code=code,
        now=now,
        event=event,
        not_before=None,
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

    recheck: Recheck
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
        recheck=recheck,
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


def _take(steps: Sequence[_Step], *, now: datetime) -> list[Claim]:
    """The claims and their attempts by one statement. Raises GuardFailedError when one of them is not due any more."""
    advance_together(
        [_move(step) for step in steps],
        expected=Status.APPROVED,
        new=Status.EXECUTING,
        now=now,
        events=[step.event for step in steps],
        rows=[rows_of([step.attempt for step in steps])],
        only=_CLAIMABLE[connection.vendor],
    )
    return [_taken(step, now) for step in steps]


def _move(step: _Step) -> Move:
    claim = step.claim
    counted = {"status_code": "", "not_before": None, "epoch": claim.epoch, "attempts_count": claim.tries}
    return Move(claim.request.pk, claim.request.epoch, counted | step.columns)


def _taken(step: _Step, now: datetime) -> Claim:
    request, recheck = step.claim.request, step.recheck
    _move_holds(request, recheck.holds)
    if request.action in SENDS:
        move_touches(recheck.touches, request_id=request.pk, workspace_id=request.workspace_id, now=now)
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
    less = {counter: held[counter] - wanted.get(counter, 0) for counter in held}
    less = {counter: amount for counter, amount in less.items() if amount > 0}
    if less and more:
        lock_counters({*less, *(hold.id for hold in more)})
    give_back(less)
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
