"""Recovery points: what an attempt has done so far, each committed before the next foreign call (EXE-02)."""

from typing import Any

from django.db import transaction
from django.db.models import Q

from approvals.domain.recovery import RecoveryPoint
from approvals.domain.status import Status
from approvals.domain.switches import stopped_by
from approvals.models import AgentActionRequest, Attempt
from approvals.selectors.bulk_releases import read_stops
from approvals.services.breaker_gate import broken_by
from approvals.services.claim import Claim
from approvals.services.dnc import recheck_dnc
from approvals.services.events import request_event
from approvals.services.frequency import recheck_frequency
from approvals.services.transition import advance
from audit.selectors.clock import get_now
from audit.services.append import append_event, append_events
from governance.domain.action_class import SENDS
from governance.services.switch_lock import hold_shared
from governance.services.touches import note_touched


class FencedError(Exception):
    """A newer claim, or the reaper, has taken this attempt over: stop, and touch nothing."""

    code = "fenced"


def commit_before_read(claim: Claim, *, before: dict[str, Any], version: str, guarantee: str) -> None:
    """Keep what the CRM holds right before the write (RVT-01). Raises FencedError."""
    with transaction.atomic():
        columns = {"before": before, "before_version": version, "guarantee": guarantee}
        move_point(claim, RecoveryPoint.BEFORE_READ, **columns)
        data = {"attempt": str(claim.attempt_id), "fields": sorted(before), "version": version}
        event = request_event(claim.request, "request.record_read", claim.actor, data=data, values={"before": before})
        append_event(event, now=get_now())


def pass_second_gate(claim: Claim) -> bool:
    """The last look at stops, do-not-contact list and touch ledger, and the intent on record, in one transaction.

    False when one of them stopped it: the request is cancelled. The window that remains is one call.
    Raises FencedError.
    """
    with transaction.atomic():
        hold_shared()
        now = get_now()
        request = claim.request
        switches = read_stops(request)
        code = stopped_by(switches, request.actor_type, request.action) or broken_by(request, switches, now)
        if code:
            _stop(claim, code)
            return False
        code, stops = recheck_dnc(request, now=now)
        if code:
            _stop(claim, code)
            append_events(stops, now=now)
            return False
        if code := recheck_frequency(request, now=now):
            _stop(claim, code)
            return False
        if request.action in SENDS:
            note_touched(request_id=request.pk, now=now)
        move_point(claim, RecoveryPoint.SENT, sent_at=now)
        data = {"attempt": str(claim.attempt_id), "epoch": claim.epoch, "digest": request.digest}
        append_event(request_event(request, "request.sent", claim.actor, data=data), now=now)
        return True


def commit_verified(claim: Claim, *, record_id: str, after: dict[str, Any]) -> None:
    """Keep what the CRM gave back when asked again. Raises FencedError."""
    with transaction.atomic():
        now = get_now()
        move_point(claim, RecoveryPoint.VERIFIED, verified_at=now, result_record_id=record_id, after=after)
        data = {"attempt": str(claim.attempt_id), "record": record_id, "fields": sorted(after)}
        event = request_event(claim.request, "request.verified", claim.actor, data=data, values={"after": after})
        append_event(event, now=now)


def move_point(claim: Claim, point: RecoveryPoint, **columns: Any) -> None:
    """Move the attempt to `point` if its epoch is still the request's. Raises FencedError."""
    is_ours = AgentActionRequest.objects.select_for_update().filter(
        pk=claim.request.pk, epoch=claim.epoch, status=Status.EXECUTING
    )
    if not is_ours.values_list("pk", flat=True).first():
        raise FencedError("the attempt was taken over")
    Attempt.objects.filter(pk=claim.attempt_id).update(point=point, **columns)


def _stop(claim: Claim, code: str) -> None:
    now = get_now()
    is_ours = advance(
        request_id=claim.request.pk,
        expected=Status.EXECUTING,
        new=Status.CANCELLED,
        code=code,
        now=now,
        event=request_event(
            claim.request, "request.cancelled", claim.actor, data={"attempt": str(claim.attempt_id), "code": code}
        ),
        conditions=Q(epoch=claim.epoch),
    )
    if not is_ours:
        raise FencedError("the attempt was taken over")
    Attempt.objects.filter(pk=claim.attempt_id).update(error_code=code, finished_at=now)
