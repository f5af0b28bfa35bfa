"""What may be searched for in the ledger, and what an answer is (AUD-04)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from audit.domain.identifier import first_id_at

_FIRST, _LAST = UUID(int=0), UUID(int=2**128 - 1)
_CLOCKS_APART_SECONDS = 3_600  # ids are made by our own clock, `at` by the database's


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Every criterion that is given must hold. `terms` are digests of `SearchTerm`; since ≤ at < until (aware)."""

    workspace: str
    terms: tuple[int, ...] = ()
    type: str = ""
    correlation_id: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def id_bounds(self, before: UUID | None = None) -> tuple[UUID, UUID]:
        """(from, below) of the ids among which the answer lies: ids begin with the time at which they were made."""
        low = _FIRST if self.since is None else _shifted(self.since, -_CLOCKS_APART_SECONDS)
        high = _LAST if self.until is None else _shifted(self.until, _CLOCKS_APART_SECONDS)
        return low, high if before is None else min(high, before)


def _shifted(moment: datetime, seconds: int) -> UUID:
    milliseconds = max(0, int(moment.timestamp() + seconds) * 1_000)
    return first_id_at(datetime.fromtimestamp(milliseconds / 1_000, tz=moment.tzinfo))


@dataclass(frozen=True, slots=True)
class Found:
    """A page of ids, newest first. `next` is where to go on, None at the end of what matches.

    `is_whole` is False where the page ended because enough was looked at, not because enough was found.
    """

    ids: tuple[UUID, ...]
    next: UUID | None
    is_whole: bool
