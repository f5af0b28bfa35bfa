"""The second gate: the last look before the one foreign call, in the transaction that says `sent` (EXE-01, KIL-01).

What a stop, a withdrawal or a list keeps back is recorded and sent nowhere:

    kill switch, breaker, do-not-contact, frequency cap        cancelled
    agent, credential, asking person or right gone, bulk       cancelled
    revert stopped
    approval expired or void, grant or field withdrawn,        back to `approved`: the next claim judges all of it
    connection off, autonomy or role changed, bulk revert      anew, and expires, denies or returns it, or waits
    paused, ledger set back

Published policy and budgets are those of the claim.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from approvals.domain import withdrawn
from approvals.domain.recovery import RecoveryPoint
from approvals.domain.status import Status
from approvals.domain.switches import stopped_by
from approvals.domain.withdrawn import lost_since
from approvals.models import AgentActionRequest, Attempt
from approvals.selectors.quorum import get_quorum, get_requirement
from approvals.selectors.second_look import SecondLook, look_again
from approvals.services.breaker_gate import broken_by
from approvals.services.claim import Claim
from approvals.services.contact_labels import reached_data
from approvals.services.dnc import recheck_dnc
from approvals.services.events import request_event
from approvals.services.frequency import recheck_frequency
from approvals.services.recovery import FencedError, Step, move_points
from approvals.services.settling import settle_withdrawn
from approvals.services.transition import advance
from audit.selectors.clock import get_now
from audit.services.append import append_events
from audit.services.barrier import is_set_back
from governance.domain.action_class import SENDS
from governance.domain.decision import Outcome
from governance.services.switch_lock import hold_shared
from governance.services.touches import note_touched


def pass_second_gate(claims: Sequence[Claim]) -> list[Claim]:
    """The last look for what goes in one call, and the intents on record, in one transaction. Those that passed: what
    is kept back is cancelled or given back.

    The window that remains is one call. Raises FencedError when one was taken over, and then none has passed.
    """
    with transaction.atomic():
        void = {claim.request.pk: _void(claim.request) for claim in claims}
        now = hold_shared()
        found = look_again([claim.request for claim in claims])
        passed = [claim for claim in claims if _passes(claim, found[claim.request.pk], void[claim.request.pk], now)]
        if passed:
            move_points(RecoveryPoint.SENT, [_sent(claim, now) for claim in passed], now=now, has_savepoint=False)
    return passed


def _void(request: AgentActionRequest) -> str:
    """What needs no kill lock: a stop waits for what follows only."""
    if is_set_back():
        return withdrawn.SET_BACK
    if request.decision.get("outcome") != Outcome.REQUIRE_APPROVAL:
        return ""
    return (
        "" if get_quorum(request, get_requirement(request), digest=request.digest).is_met else withdrawn.APPROVAL_VOID
    )


def _passes(claim: Claim, found: SecondLook, void: str, now: datetime) -> bool:
    request, switches = claim.request, found.switches
    code = stopped_by(switches, request.actor_type, request.action) or broken_by(request, switches, now)
    if code:
        _stop(claim, code)
        return False
    if code := _lost(claim, found) or void or _expired(request, now):
        _give_up(claim, code)
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
    return True


def _lost(claim: Claim, found: SecondLook) -> str:
    return lost_since(found.standing, claim.request.facts, [change.field for change in claim.patch])


def _expired(request: AgentActionRequest, now: datetime) -> str:
    return withdrawn.EXPIRED if request.expires_at is not None and request.expires_at <= now else ""


def _give_up(claim: Claim, code: str) -> None:
    if code in withdrawn.ENDS:
        _stop(claim, code)
    else:
        settle_withdrawn(claim, code)


def _sent(claim: Claim, now: datetime) -> Step:
    data = {"attempt": str(claim.attempt_id), "epoch": claim.epoch, "digest": claim.request.digest}
    event = request_event(claim.request, "request.sent", claim.actor, data=data | reached_data(claim.request))
    return Step(claim, event, {"sent_at": now})


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
