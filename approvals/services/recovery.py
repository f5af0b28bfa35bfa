"""Recovery points: what an attempt has done so far, each committed before the next foreign call (EXE-02)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from approvals.domain.recovery import RecoveryPoint
from approvals.domain.status import Status
from approvals.models import AgentActionRequest, Attempt
from approvals.services.claim import Claim
from approvals.services.events import request_event
from audit.domain.event import NewEvent
from audit.selectors.clock import get_now
from audit.services.append import append_with
from audit.services.changed_rows import change_rows, lock_rows
from audit.services.rows import GuardFailedError


class FencedError(Exception):
    """A newer claim, or the reaper, has taken this attempt over: stop, and touch nothing."""

    code = "fenced"


class Step(NamedTuple):
    """What an attempt has come to: its event, and columns of the attempt, the same for all that move together."""

    claim: Claim
    event: NewEvent
    columns: dict[str, Any]


def commit_before_read(steps: Sequence[Step]) -> None:
    """Keep what the CRM holds right before the writes (RVT-01), of all or none. Raises FencedError."""
    move_points(RecoveryPoint.BEFORE_READ, steps, now=get_now())


def before_step(claim: Claim, *, before: dict[str, Any], version: str, guarantee: str) -> Step:
    """What was read right before the write, to be committed."""
    data = {"attempt": str(claim.attempt_id), "fields": sorted(before), "version": version}
    event = request_event(claim.request, "request.record_read", claim.actor, data=data, values={"before": before})
    columns: dict[str, Any] = {"before": before, "before_version": version, "guarantee": str(guarantee)}
    return Step(claim, event, columns)


def commit_verified(found: Sequence[tuple[Claim, str, dict[str, Any]]]) -> None:
    """Keep what the CRM gave back when asked again: claim, record id and values, of all or none. Raises FencedError."""
    now = get_now()
    move_points(RecoveryPoint.VERIFIED, [_verified(*one, now=now) for one in found], now=now)


def _verified(claim: Claim, record_id: str, after: dict[str, Any], *, now: datetime) -> Step:
    data = {"attempt": str(claim.attempt_id), "record": record_id, "fields": sorted(after)}
    event = request_event(claim.request, "request.verified", claim.actor, data=data, values={"after": after})
    return Step(claim, event, {"verified_at": now, "result_record_id": record_id, "after": after})


def move_points(point: RecoveryPoint, steps: Sequence[Step], *, now: datetime, has_savepoint: bool = True) -> None:
    """Move the attempts to `point`, with their events, if their epochs are still the requests'; by one statement.

    Commits unless a transaction is open; without a savepoint that one is lost when this raises. Raises FencedError when
    one of them was taken over: then none has moved.
    """
    fence = lock_rows(
        AgentActionRequest,
        keys=("id", "epoch", "status"),
        rows=[(step.claim.request.pk, step.claim.epoch, Status.EXECUTING.value) for step in steps],
    )
    moved = change_rows(
        Attempt,
        keys=("id",),
        columns=("point", *steps[0].columns),
        rows=[(step.claim.attempt_id, point.value, *step.columns.values()) for step in steps],
    )
    try:
        append_with((), [step.event for step in steps], now=now, guards=[fence, moved], has_savepoint=has_savepoint)
    except GuardFailedError as error:
        raise FencedError("an attempt was taken over") from error
