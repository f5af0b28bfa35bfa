"""Settling: how an attempt ends, each end a transition with its event, by (id, epoch)."""

import random
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from approvals.domain.backoff import AUTH_PAUSE, MAX_ATTEMPTS, backoff
from approvals.domain.recovery import RecoveryPoint
from approvals.domain.status import Status
from approvals.models import AgentActionRequest, Attempt
from approvals.services.claim import Claim
from approvals.services.events import request_event
from approvals.services.newness import remember_touch
from approvals.services.recovery import FencedError
from approvals.services.suggestions import note_suggestions
from approvals.services.transition import advance
from audit.selectors.clock import get_now
from crm_connectors.port import AloneError, AuthError, LimitedError, TransientError
from governance.domain.action_class import SENDS
from governance.domain.vocabulary import Environment
from governance.services.evidence import SANDBOX_REVERT, record_evidence
from governance.services.touches import note_untouched, undo_touches

QUARANTINED = "quarantined"


def settle_executed(claim: Claim, *, expected: Status = Status.EXECUTING) -> None:
    """`executed`: said only after the read-back agreed. A revert marks what it took back, in the same transaction."""
    with transaction.atomic():
        now = get_now()
        _settle(
            claim, Status.EXECUTED, "", "request.executed", now=now, expected=expected, point=RecoveryPoint.RECORDED
        )
        remember_touch(claim.request, now)
        note_suggestions(claim.request, claim.patch, now)
        original = claim.request.reverses
        if original is None:
            return
        event = request_event(original, "request.reverted", claim.actor, data={"by": str(claim.request.pk)})
        advance(request_id=original.pk, expected=Status.EXECUTED, new=Status.REVERTED, code="", now=now, event=event)
        if original.action in SENDS:
            undo_touches(request_id=original.pk)
        _note_rollback(claim.request, original, now)


def _note_rollback(revert: AgentActionRequest, original: AgentActionRequest, now: datetime) -> None:
    """SBX-01: a rollback that was read back in a sandbox is what a promotion to production asks for."""
    if original.agent_id is None or revert.connection.environment != Environment.SANDBOX:
        return
    record_evidence(
        workspace_id=original.workspace_id,
        agent_id=original.agent_id,
        kind=SANDBOX_REVERT,
        subject=str(revert.pk),
        data={"request": str(original.pk), "action": original.action, "object": original.object_type},
        now=now,
    )


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


def _count_faults(claim: Claim) -> int:
    """Tries that failed by themselves, with this one."""
    waited = (AuthError.code, LimitedError.code, AloneError.code)
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
    data = {"attempt": str(claim.attempt_id), "epoch": claim.epoch, "code": code, "digest": claim.request.digest}
    is_ours = advance(
        request_id=claim.request.pk,
        expected=expected,
        new=new,
        code=code,
        now=now,
        event=request_event(claim.request, event_type, claim.actor, data=data, values=values),
        conditions=Q(epoch=claim.epoch),
        not_before=not_before,
    )
    if not is_ours:
        raise FencedError("the attempt was taken over")
    Attempt.objects.filter(pk=claim.attempt_id).update(error_code=code, finished_at=now, **columns)
