"""Reconciliation: an unknown outcome is looked up at the CRM, never tried again blindly (EXE-03)."""

import random
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q

from approvals.adapters.action_lock import hold_action
from approvals.domain.backoff import backoff
from approvals.domain.patch import read_patch
from approvals.domain.recovery import RecoveryPoint
from approvals.domain.settlement import APPLIED_WITH_DIFFERENCE, FOR_A_PERSON, NEEDS_PERSON
from approvals.domain.status import Status
from approvals.models import AgentActionRequest, Attempt
from approvals.services.claim import Claim, lock_request, operation_of, with_read
from approvals.services.events import request_event, system
from approvals.services.recovery import FencedError
from approvals.services.settling import settle_executed, settle_unsent
from approvals.services.verification import is_as_written, read_after
from audit.selectors.clock import get_now
from audit.services.append import append_event
from crm_connectors.domain.guarantee import Guarantee
from crm_connectors.domain.record import Operation, Receipt
from crm_connectors.port import Connector
from crm_connectors.services.connectors import get_connector

log = structlog.get_logger(__name__)

_UNSENT = frozenset({RecoveryPoint.CLAIMED, RecoveryPoint.BEFORE_READ})


class NotAppliedError(Exception):
    """The CRM says that the write never arrived."""

    code = "not_applied"


def reconcile_request(*, request_id: UUID, worker: str) -> str:
    """Look up one unknown outcome: executed, back to approved, or still unknown. Returns the status afterwards.

    Never called inside a transaction; safe to call any number of times.
    """
    with hold_action(request_id) as is_ours:
        claim, attempt = _load(request_id, worker) if is_ours else (None, None)
        if claim is not None and attempt is not None:
            try:
                _reconcile(claim, attempt)
            except FencedError:
                log.warning("reconciled by another worker", request_id=str(request_id))
    return str(AgentActionRequest.objects.values_list("status", flat=True).get(pk=request_id))


def _load(request_id: UUID, worker: str) -> tuple[Claim, Attempt] | tuple[None, None]:
    with transaction.atomic():
        request = lock_request(request_id)
        now = get_now()
        if request is None or request.status != Status.UNKNOWN or request.status_code in FOR_A_PERSON:
            return None, None
        if request.not_before is not None and request.not_before > now:
            return None, None
        attempt = Attempt.objects.get(request=request, epoch=request.epoch)
    patch = read_patch(request.patch)
    claim = Claim(
        request=request,
        attempt_id=attempt.pk,
        epoch=request.epoch,
        tries=request.attempts_count,
        actor=system(worker),
        patch=patch,
        operation=operation_of(request, patch),
    )
    return claim, attempt


def _reconcile(claim: Claim, attempt: Attempt) -> None:
    if attempt.point in _UNSENT:  # the intent is committed before the call: without it there was none
        settle_unsent(claim, NotAppliedError("the worker ended before the call"), expected=Status.UNKNOWN)
        return
    operation = with_read(claim.operation, before=attempt.before, version=attempt.before_version)
    try:
        connector = get_connector(claim.request.connection_id, kind=claim.request.connection.kind)
        receipt = connector.find_operation(operation)
        if receipt is not None:
            _conclude(connector, operation, claim, receipt)
            return
    except FencedError:
        raise
    except Exception:
        log.exception("outcome still unknown", request_id=str(claim.request.pk))
        _look_later(claim, attempt)
        return
    if attempt.guarantee == Guarantee.AT_MOST_ONCE:
        _mark(claim, NEEDS_PERSON)
    else:
        settle_unsent(claim, NotAppliedError("the write never arrived"), expected=Status.UNKNOWN)


def _conclude(connector: Connector, operation: Operation, claim: Claim, receipt: Receipt) -> None:
    after = read_after(connector, operation, receipt.record_id)
    if not is_as_written(operation, after):
        _mark(claim, APPLIED_WITH_DIFFERENCE, after=after or {}, result_record_id=receipt.record_id)
        return
    Attempt.objects.filter(pk=claim.attempt_id, request__status=Status.UNKNOWN).update(
        after=after or {}, result_record_id=receipt.record_id, verified_at=get_now()
    )
    settle_executed([claim], expected=Status.UNKNOWN)


def _mark(claim: Claim, code: str, **columns: object) -> None:
    """Say why it stays unknown, for a person to see. The status does not change."""
    with transaction.atomic():
        rows = AgentActionRequest.objects.filter(pk=claim.request.pk, epoch=claim.epoch, status=Status.UNKNOWN)
        if rows.update(status_code=code, not_before=None):
            Attempt.objects.filter(pk=claim.attempt_id).update(error_code=code, **columns)
            data = {"attempt": str(claim.attempt_id), "code": code, "epoch": claim.epoch}
            append_event(request_event(claim.request, "request.outcome_unknown", claim.actor, data=data), now=get_now())


def _look_later(claim: Claim, attempt: Attempt) -> None:
    """Wait longer each time: a CRM that is down is not helped by being asked."""
    tries = attempt.reconciliations + 1
    with transaction.atomic():
        pause = backoff(tries, jitter=random.random())  # noqa: S311 - spreads load, keeps no secret
        rows = AgentActionRequest.objects.filter(Q(pk=claim.request.pk, epoch=claim.epoch, status=Status.UNKNOWN))
        if rows.update(not_before=get_now() + pause):
            Attempt.objects.filter(pk=claim.attempt_id).update(reconciliations=tries)
