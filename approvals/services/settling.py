"""Settling: how an attempt ends, each end a transition with its event, by (id, epoch)."""

import random
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q

from approvals.domain.backoff import AUTH_PAUSE, MAX_ATTEMPTS, backoff
from approvals.domain.recovery import RecoveryPoint
from approvals.domain.status import Status
from approvals.domain.withdrawn import JUDGED_ANEW
from approvals.models import AgentActionRequest, Attempt
from approvals.services.claim import Claim
from approvals.services.events import request_event
from approvals.services.newness import remember_touch
from approvals.services.recovery import FencedError
from approvals.services.suggestions import note_suggestions
from approvals.services.transition import Move, advance, advance_together
from audit.selectors.clock import get_now
from audit.services.changed_rows import change_rows
from audit.services.rows import GuardFailedError
from crm_connectors.port import AloneError, AuthError, LimitedError, TransientError
from governance.domain.action_class import SENDS
from governance.domain.vocabulary import Environment
from governance.services.evidence import SANDBOX_REVERT, Evidence, record_all_evidence
from governance.services.touches import note_untouched, undo_touches

QUARANTINED = "quarantined"
log = structlog.get_logger(__name__)


class _OriginalMovedError(Exception):
    """What was taken back is no longer as it was executed: somebody's word on it came first."""


def settle_executed(claims: Sequence[Claim], *, expected: Status = Status.EXECUTING) -> None:
    """`executed`, of all or none: said only after the read-back agreed. A revert marks what it took back, in the same
    transaction, if that is still `executed`: what was written and read back is said either way. Raises FencedError when
    one of them was taken over."""
    originals = {claim.request.reverses_id for claim in claims if claim.request.reverses_id is not None}
    try:
        _settle_executed(claims, originals, expected=expected)
    except _OriginalMovedError:
        log.warning("what was taken back had moved on", reverts=[str(claim.request.pk) for claim in claims])
        with transaction.atomic():
            rows = AgentActionRequest.objects.select_for_update(of=("self",)).order_by("pk")
            still = rows.filter(pk__in=originals, status=Status.EXECUTED).values_list("pk", flat=True)
            _settle_executed(claims, set(still), expected=expected)


def _settle_executed(claims: Sequence[Claim], originals: Collection[UUID], *, expected: Status) -> None:
    with transaction.atomic():
        now = get_now()
        _record(claims, expected=expected, now=now)
        for claim in claims:
            remember_touch(claim.request, now)
            note_suggestions(claim.request, claim.patch, now)
        taken_back = [(claim, claim.request.reverses) for claim in claims if claim.request.reverses is not None]
        reverts = [(claim, original) for claim, original in taken_back if original.pk in originals]
        if reverts:
            _mark_reverted(reverts, now)


def _record(claims: Sequence[Claim], *, expected: Status, now: datetime) -> None:
    """The end as it should be, by one statement. Raises FencedError."""
    point = {"error_code": "", "finished_at": now, "point": RecoveryPoint.RECORDED.value}
    rows = [(claim.attempt_id, *point.values()) for claim in claims]
    recorded = change_rows(Attempt, keys=("id",), columns=tuple(point), rows=rows)
    try:
        advance_together(
            [Move(claim.request.pk, claim.epoch, {"status_code": "", "not_before": None}) for claim in claims],
            expected=expected,
            new=Status.EXECUTED,
            now=now,
            events=[request_event(one.request, "request.executed", one.actor, data=_data(one, "")) for one in claims],
            guards=[recorded],
        )
    except GuardFailedError as error:
        raise FencedError("an attempt was taken over") from error


def _mark_reverted(reverts: "Sequence[tuple[Claim, AgentActionRequest]]", now: datetime) -> None:
    """What was taken back. Locked by nobody else: one live revert a request, and that is settled here."""
    for claim, original in reverts:
        original.workspace = claim.request.workspace  # the same, and joined
    try:
        advance_together(
            [Move(original.pk, original.epoch, {"status_code": ""}) for _, original in reverts],
            expected=Status.EXECUTED,
            new=Status.REVERTED,
            now=now,
            events=[
                request_event(original, "request.reverted", claim.actor, data={"by": str(claim.request.pk)})
                for claim, original in reverts
            ],
        )
    except GuardFailedError as error:
        raise _OriginalMovedError from error
    for _, original in reverts:
        if original.action in SENDS:
            undo_touches(request_id=original.pk)
    record_all_evidence([proof for claim, original in reverts for proof in _rollback(claim.request, original)], now=now)


def _data(claim: Claim, code: str) -> dict[str, Any]:
    return {"attempt": str(claim.attempt_id), "epoch": claim.epoch, "code": code, "digest": claim.request.digest}


def _rollback(revert: AgentActionRequest, original: AgentActionRequest) -> list[Evidence]:
    """SBX-01: a rollback that was read back in a sandbox is what a promotion to production asks for."""
    if original.agent_id is None or revert.connection.environment != Environment.SANDBOX:
        return []
    return [
        Evidence(
            workspace_id=original.workspace_id,
            workspace=original.workspace.slug,
            agent_id=original.agent_id,
            kind=SANDBOX_REVERT,
            subject=str(revert.pk),
            data={"request": str(original.pk), "action": original.action, "object": original.object_type},
        )
    ]


def settle_conflict(
    claim: Claim, code: str, *, found: dict[str, Any] | None = None, expected: Status = Status.EXECUTING
) -> None:
    """`conflict`: the record holds something else than was approved. `found` is kept for the person who looks."""
    columns: dict[str, Any] = {"before": found} if found is not None else {}
    with transaction.atomic():
        _settle(
            claim,
            Status.CONFLICT,
            code,
            "request.conflicted",
            now=get_now(),
            expected=expected,
            values={"found": found} if found else {},
            **columns,
        )


def settle_failed(claim: Claim, code: str, message: str, *, expected: Status = Status.EXECUTING) -> None:
    """`failed`: nothing was applied, and trying again is of no use."""
    with transaction.atomic():
        _settle(
            claim, Status.FAILED, code, "request.failed", now=get_now(), expected=expected, error_message=message[:2000]
        )


def settle_unknown(claim: Claim, code: str, message: str = "", **columns: Any) -> None:
    """`unknown`: the call may have been applied. Looked up before anything else; never written again blindly."""
    with transaction.atomic():
        now = get_now()
        _settle(
            claim,
            Status.UNKNOWN,
            code,
            "request.outcome_unknown",
            now=now,
            not_before=now + backoff(1, jitter=random.random()),  # noqa: S311 - spreads load, keeps no secret
            error_message=message[:2000],
            **columns,
        )


def settle_unsent(claim: Claim, error: Exception, *, expected: Status = Status.EXECUTING) -> None:
    """Provably not applied: back to `approved` for a later try, or `failed` as quarantined after the last one.

    Our own refused credential, a limit of the CRM's, an open breaker and being kept out of a call with others are no
    fault of the action: it waits, until its approval expires, and such a try counts as none (F28, F40).
    """
    code = getattr(error, "code", "unexpected_error")
    if not isinstance(error, AuthError | LimitedError) and _count_faults(claim) >= MAX_ATTEMPTS:
        settle_failed(claim, QUARANTINED, f"{code}: {_told(error)}", expected=expected)
        return
    pause = _pause(claim, error)
    with transaction.atomic():
        now = get_now()
        _settle(
            claim,
            Status.APPROVED,
            code,
            "request.released",
            now=now,
            expected=expected,
            not_before=now + pause,
            error_message=_told(error),
        )
        if claim.request.action in SENDS:
            note_untouched(request_id=claim.request.pk)


def settle_withdrawn(claim: Claim, code: str) -> None:
    """Not sent, for what it rests on was withdrawn after its claim: back to `approved` and due at once, for the next
    claim to judge all of it anew. Counts as no try. Runs in the gate's transaction. Raises FencedError."""
    now = get_now()
    _settle(claim, Status.APPROVED, code, "request.released", now=now, not_before=now)


def _count_faults(claim: Claim) -> int:
    """Tries that failed by themselves, with this one."""
    waited = (AuthError.code, LimitedError.code, AloneError.code, *JUDGED_ANEW)
    return Attempt.objects.filter(request=claim.request).exclude(error_code__in=waited).count()


def _pause(claim: Claim, error: Exception) -> timedelta:
    """What a limit puts off is due spread over some seconds after it: all at once would meet the limit again."""
    jitter = random.random()  # noqa: S311 - spreads load, keeps no secret
    match error:
        case AuthError():
            return AUTH_PAUSE
        case LimitedError():
            return timedelta(seconds=error.retry_after_seconds or 0.0) + backoff(2, jitter=jitter)
        case TransientError():
            return backoff(claim.tries, jitter=jitter, at_least_seconds=error.retry_after_seconds or 0.0)
        case _:
            return backoff(claim.tries, jitter=jitter)


def _told(error: Exception) -> str:
    """A connector's message holds no secret; anything else may, so that only its type is kept."""
    return str(error)[:2000] if hasattr(error, "code") else type(error).__name__


def _settle(
    claim: Claim,
    new: Status,
    code: str,
    event_type: str,
    *,
    now: datetime,
    expected: Status = Status.EXECUTING,
    not_before: datetime | None = None,
    values: dict[str, Any] | None = None,
    **columns: Any,
) -> None:
    """Move request and attempt together. Raises FencedError when the epoch is another one by now."""
    is_ours = advance(
        request_id=claim.request.pk,
        expected=expected,
        new=new,
        code=code,
        now=now,
        event=request_event(claim.request, event_type, claim.actor, data=_data(claim, code), values=values),
        conditions=Q(epoch=claim.epoch),
        not_before=not_before,
    )
    if not is_ours:
        raise FencedError("the attempt was taken over")
    Attempt.objects.filter(pk=claim.attempt_id).update(error_code=code, finished_at=now, **columns)
