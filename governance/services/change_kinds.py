"""The kinds of change that take two people: one table."""

from governance.services.change_kind import ChangeKind
from governance.services.changes import (
    agent_autonomy,
    break_glass,
    bulk_release,
    bulk_revert,
    connection_address,
    dnc_remove,
    field_raise,
    hold_lift,
    policy_promote,
    switch_lift,
)

KINDS: dict[str, ChangeKind] = {
    "agent.autonomy": agent_autonomy.KIND,
    "break_glass": break_glass.KIND,
    "connection.address": connection_address.KIND,
    "dnc.remove": dnc_remove.KIND,
    "field.raise": field_raise.KIND,
    "hold.lift": hold_lift.KIND,
    "policy.promote": policy_promote.KIND,
    "revert.bulk": bulk_revert.KIND,
    "revert.release": bulk_release.KIND,
    "switch.lift": switch_lift.KIND,
}


class UnknownKindError(KeyError):
    """No kind of two-person change has this name. A defect, or a row of a later version."""

    code = "unknown_kind"


def get_kind(name: str) -> ChangeKind:
    """The kind by its name. Raises UnknownKindError."""
    try:
        return KINDS[name]
    except KeyError:
        raise UnknownKindError(f"`{name}` is not a kind of two-person change") from None
