"""What became of a value that an agent wrote: kept, or changed by whom (a silent rejection is a change by a person)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from crm_connectors.domain.record import HistoryEntry
from governance.domain.drift import is_same

_SHORTEST, _LONGEST = timedelta(seconds=10), timedelta(hours=6)
_MACHINES = ("agent.", "agent:", "integration.", "integration:", "system:", "workflow:", "import:")


class Fate(StrEnum):
    """`replaced` is another agent or system; `reverted` our own taking back; `untold`: the CRM's history is silent."""

    KEPT = "kept"
    OVERWRITTEN = "overwritten"
    REPLACED = "replaced"
    REVERTED = "reverted"
    UNTOLD = "untold"


class Verdict(msgspec.Struct, frozen=True):
    """What became of one field, and when."""

    fate: Fate
    at: datetime


def operation_key(request_id: object) -> str:
    """How the CRM's history names a write of ours."""
    return f"request:{request_id}"


def judge_field(
    entries: Sequence[HistoryEntry],
    *,
    request_id: object,
    reverts: frozenset[str],
    promotions: frozenset[str] = frozenset(),
) -> Verdict | None:
    """The first change after the agent's own write that left another value; None while there is none.

    `entries` are the field's changes, newest first; `reverts` the operation keys of requests that took this one back,
    `promotions` of those that took its suggestion over into the field itself: that empties the suggestion field, and is
    a yes.
    Without the agent's own write among them nothing can be told: None as well.
    """
    own = next((place for place, entry in enumerate(entries) if entry.operation_key == operation_key(request_id)), None)
    if own is None:
        return None
    written = entries[own].after
    later = (entry for entry in reversed(entries[:own]) if not is_same(entry.after, written))
    change = next(later, None)
    return Verdict(_fate(change, reverts, promotions), change.at) if change is not None else None


def _fate(change: HistoryEntry, reverts: frozenset[str], promotions: frozenset[str]) -> Fate:
    if change.operation_key in promotions:
        return Fate.KEPT
    if change.operation_key in reverts:
        return Fate.REVERTED
    return Fate.OVERWRITTEN if _is_by_person(change) else Fate.REPLACED


def _is_by_person(change: HistoryEntry) -> bool:
    """A write through us says so itself; at the CRM everyone is a person who is not named as a machine."""
    if change.operation_key:
        return change.actor.startswith("person:")
    return not change.actor.startswith(_MACHINES)


def next_look(*, written_at: datetime, now: datetime, until: datetime) -> datetime:
    """When to look again: soon after the write, ever less often later, and once at the end of the window."""
    pause = min(max((now - written_at) / 4, _SHORTEST), _LONGEST)
    return max(min(now + pause, until), now + _SHORTEST)
