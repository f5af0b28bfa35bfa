"""The first of two words that lift a kill switch (KIL-03)."""

from datetime import datetime
from uuid import UUID

from governance.domain.switch_words import switch_words
from governance.models import KillSwitch
from governance.services.change_proposals import propose_change
from governance.services.switches import SwitchNotFoundError

KIND = "switch.lift"


def propose_lift(*, switch_id: UUID, reason: str, person_id: UUID, user_id: int, now: datetime) -> UUID:
    """Propose to end a stop that is in force; a second person countersigns. Returns the proposal's id.

    Raises SwitchNotFoundError, and as `propose_change`.
    """
    rows = KillSwitch.objects.select_related("agent").filter(lifted_at__isnull=True)
    switch = rows.filter(pk=switch_id).first()
    if switch is None:
        raise SwitchNotFoundError("the kill switch is lifted already")
    what = title_of(switch)
    return propose_change(
        workspace_id=switch.workspace_id,
        kind=KIND,
        payload={"switch": str(switch.pk), "what": what, "engaged_because": switch.reason},
        subject=f"Lift: {what}",
        reason=reason,
        person_id=person_id,
        user_id=user_id,
        now=now,
    )


def title_of(switch: KillSwitch) -> str:
    """The stop as a headline. Expects `agent` joined."""
    return f"{switch.agent.name} is stopped" if switch.agent is not None else switch_words(switch.kind).in_force
