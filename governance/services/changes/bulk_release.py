"""Letting a bulk revert pass the stops in force takes two people: an incident release (DESIGN §5.5)."""

from datetime import datetime, timedelta

from governance.domain.proposed_change import Payload, ProposedChange
from governance.services.change_kind import ChangeKind, ChangeRefusedError


def describe(payload: Payload) -> tuple[str, ...]:
    """Payload: `bulk_revert` (id), `digest` of its dry run, `items`, `chosen` (words), `stops` (ids), and they in
    `words`."""
    chosen = "; ".join(payload["chosen"])
    return (
        f"Lets the taking back of {payload['items']:,} changes pass the stops in force: {chosen}.",
        f"The stops: {'; '.join(payload['words'])}.",
        "Everything else stays stopped, and a stop that is engaged later, or pressed again, holds it again.",
    )


def check(payload: Payload, change: ProposedChange) -> None:  # noqa: ARG001
    """Raises ChangeRefusedError for a proposal that names no bulk revert or no stop."""
    if not payload.get("bulk_revert") or not payload.get("stops"):
        raise ChangeRefusedError("it names no bulk revert, or no stop")


def apply(payload: Payload, change: ProposedChange, now: datetime) -> None:  # noqa: ARG001
    """Nothing here: the countersigned row is what claims look at while a stop is in force."""
    if change.countersigned_by is None:
        raise ChangeRefusedError("a release takes a second person")


KIND = ChangeKind(
    label="Let a bulk revert pass the stops",
    propose="revert_requests",
    countersign=("lift_switches",),
    expires_after=timedelta(hours=4),
    describe=describe,
    check=check,
    apply=apply,
)
