"""Stop: engage a kill switch and see to what it must take with it."""

from datetime import datetime
from uuid import UUID

import structlog

from approvals.services.bulk_release_ending import end_releases
from approvals.services.held import cancel_stopped_hold, list_stopped_holds
from audit.domain.event import Actor
from audit.services.append import LedgerUnavailableError
from governance.services.switches import engage_switch

log = structlog.get_logger(__name__)
HELD_AT_ONCE = 500


def stop(
    *,
    workspace_id: UUID,
    kind: str,
    agent_id: UUID | None,
    reason: str,
    actor: Actor,
    now: datetime,
    user_id: int | None = None,
) -> UUID:
    """Engage the switch, end what incident releases let pass, then cancel the sends that wait in their windows
    (KIL-01/02). Returns the switch's id.

    The stop is committed first and alone, for nothing may keep it back; a held send that cannot be cancelled now is
    stopped all the same, and the sweep cancels it. Raises as `engage_switch`.
    """
    switch_id = engage_switch(
        workspace_id=workspace_id,
        kind=kind,
        agent_id=agent_id,
        reason=reason,
        actor=actor,
        now=now,
        user_id=user_id,
    )
    try:
        end_releases(workspace_id=workspace_id, kind=kind, actor=actor, now=now)
    except LedgerUnavailableError:
        log.warning("ended incident releases are not on record", switch=str(switch_id))
    try:
        cancel_held(now=now)
    except LedgerUnavailableError:
        log.warning("held sends wait for the ledger to be cancelled", switch=str(switch_id))
    return switch_id


def cancel_held(*, now: datetime) -> int:
    """Cancel what is held under a stop; returns how many."""
    held = list_stopped_holds(limit=HELD_AT_ONCE)
    return sum(cancel_stopped_hold(request_id=request_id, now=now) for request_id in held)
