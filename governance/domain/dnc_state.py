"""Whether an entry holds at a moment, in words."""

from datetime import datetime
from enum import StrEnum


class DncEntryState(StrEnum):
    IN_FORCE = "in force"
    LATER = "starts later"
    RAN_OUT = "ran out"
    REMOVED = "removed"
    UNKNOWN = "not listed then"


def entry_state(
    *,
    added_at: datetime,
    effective_from: datetime,
    effective_until: datetime | None,
    removed_at: datetime | None,
    at: datetime,
) -> DncEntryState:
    """What the list said of an entry at `at`; before it was added, nothing, whatever its dates say."""
    if added_at > at:
        return DncEntryState.UNKNOWN
    if removed_at is not None and removed_at <= at:
        return DncEntryState.REMOVED
    if effective_from > at:
        return DncEntryState.LATER
    if effective_until is not None and effective_until <= at:
        return DncEntryState.RAN_OUT
    return DncEntryState.IN_FORCE
