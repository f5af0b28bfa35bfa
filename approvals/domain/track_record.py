"""What became of an agent's last proposals for one field, as people decided them. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

KEPT = 50
"""How many decided proposals a field remembers."""

ACCEPTED, CORRECTED, DENIED, REVERTED = "accepted", "corrected", "denied", "reverted"


class Entry(msgspec.Struct, frozen=True):
    """One decided proposal. `by` is the id of the person who settled it, `at` when, as RFC 3339."""

    request: str
    verdict: str
    by: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many of the last proposals ended how. `percent` is what was taken as it was proposed and still stands."""

    decided: int
    accepted: int
    corrected: int
    denied: int
    reverted: int

    @property
    def percent(self) -> int:
        return round(100 * self.accepted / self.decided) if self.decided else 0


def add_entry(entries: Sequence[Entry], entry: Entry) -> tuple[Entry, ...]:
    """The newest first; a second word on the same request replaces the first in its place."""
    if any(known.request == entry.request for known in entries):
        return tuple(entry if known.request == entry.request else known for known in entries)
    return (entry, *entries)[:KEPT]


def take_back(entries: Sequence[Entry], request: str) -> tuple[Entry, ...]:
    """The same, with one that was executed and reverted since. One that is not remembered any more changes nothing."""
    return tuple(
        msgspec.structs.replace(known, verdict=REVERTED) if known.request == request else known for known in entries
    )


def tally(entries: Sequence[Entry]) -> Tally:
    counts = Counter(entry.verdict for entry in entries)
    return Tally(
        decided=len(entries),
        accepted=counts[ACCEPTED],
        corrected=counts[CORRECTED],
        denied=counts[DENIED],
        reverted=counts[REVERTED],
    )
