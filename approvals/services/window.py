"""The send window: what is approved waits for a while in which it can be cancelled (APR-14)."""

from datetime import datetime, timedelta

from django.db.models import F

from approvals.domain.status import Status
from approvals.domain.switches import stopped_by
from approvals.models import AgentActionRequest, Attempt
from approvals.services.events import request_event, system
from approvals.services.recheck import Recheck
from approvals.services.redeciding import redecided_columns
from approvals.services.transition import advance
from governance.selectors.switches import get_switch_facts

WINDOW_PASSED = "window_passed"
"""The code of an approved request whose window is over: it is not held again."""

GRACE = timedelta(hours=1)
"""How long a request stays claimable after its window or a pause: an approval in time is not lost to the wait."""


def window_seconds(request: AgentActionRequest, recheck: Recheck) -> int:
    """How long the request must wait now, 0 when it has waited since it was approved. One query for what has a window
    and was tried already."""
    seconds = recheck.judgement.decision.hold_seconds if recheck.judgement is not None else 0
    return 0 if not seconds or request.status_code == WINDOW_PASSED or _is_tried(request) else seconds


def _is_tried(request: AgentActionRequest) -> bool:
    """Whether it was claimed under the approval that it has now: what went back to people waits anew."""
    tried = Attempt.objects.filter(request=request, claimed_at__gte=F("request__decided_at"))
    return bool(request.attempts_count) and tried.exists()


def hold_locked(request: AgentActionRequest, recheck: Recheck, *, seconds: int, worker: str, now: datetime) -> bool:
    """Hold a locked, approved request. Runs in the caller's transaction."""
    until = now + timedelta(seconds=seconds)
    late = until + GRACE
    columns = redecided_columns(request, recheck, now=now)
    return advance(
        request_id=request.pk,
        expected=Status.APPROVED,
        new=Status.HELD,
        code="send_window",
        now=now,
        event=request_event(
            request, "request.held", system(worker), data={"until": until.isoformat(), "digest": columns["digest"]}
        ),
        not_before=until,
        expires_at=max(request.expires_at or late, late),
        **columns,
    )


def release_locked(request: AgentActionRequest, *, worker: str, now: datetime) -> bool:
    """Let a locked request whose window is over go on; not while a switch stops it, which cancels it instead."""
    switches = get_switch_facts(workspace_id=request.workspace_id, agent_id=request.agent_id)
    if stopped_by(switches, request.actor_type, request.action):
        return False
    is_released = advance(
        request_id=request.pk,
        expected=Status.HELD,
        new=Status.APPROVED,
        code=WINDOW_PASSED,
        now=now,
        event=request_event(request, "request.window_passed", system(worker), data={"digest": request.digest}),
        not_before=None,
    )
    if is_released:
        request.status, request.status_code, request.not_before = Status.APPROVED, WINDOW_PASSED, None
    return is_released
