"""Held sends under a stop: what waits in its send window is cancelled, in time to matter (KIL-02)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from approvals.domain.status import Status
from approvals.domain.switches import stopped_by
from approvals.models import AgentActionRequest
from approvals.services.claim import lock_request
from approvals.services.events import request_event, system
from approvals.services.transition import advance
from governance.models import KillSwitch
from governance.selectors.switches import get_switch_facts


def list_stopped_holds(*, limit: int) -> list[UUID]:
    """Held requests of workspaces where some switch is in force, the oldest first. One query."""
    stops = KillSwitch.objects.filter(workspace=OuterRef("workspace"), lifted_at__isnull=True)
    rows = AgentActionRequest.objects.filter(Exists(stops), status=Status.HELD).order_by("id")
    return list(rows.values_list("id", flat=True)[:limit])


def cancel_stopped_hold(*, request_id: UUID, now: datetime) -> bool:
    """Cancel one held request if a switch in force covers it; False when none does, or it is held no more.

    Commits status and event. The code says which switch it was.
    """
    with transaction.atomic():
        request = lock_request(request_id)
        if request is None or request.status != Status.HELD:
            return False
        switches = get_switch_facts(workspace_id=request.workspace_id, agent_id=request.agent_id)
        code = stopped_by(switches, request.actor_type, request.action)
        return bool(code) and advance(
            request_id=request_id,
            expected=Status.HELD,
            new=Status.CANCELLED,
            code=code,
            now=now,
            event=request_event(
                request, "request.cancelled", system("kill_switch"), data={"code": code, "from": Status.HELD.value}
            ),
            not_before=None,
        )
