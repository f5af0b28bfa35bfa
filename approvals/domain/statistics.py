"""Figures of a report: exact percentiles, and how far a share of few can be trusted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from approvals.domain.wilson import interval

_HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `total`, with the ends of its 95 % Wilson interval, all from 0 to 1."""

    count: int
    total: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.count / self.total


def share_of(count: int, total: int) -> Share | None:
    """None of nothing: a share of no requests is not zero. A count above the total is taken for all of it: a message
    whose outcome is unclear can bounce without being among those that were sent."""
    if total == 0:
        return None
    count = min(count, total)
    low, high = interval(count, total)
    return Share(count, total, low, high)


def percentile(counts: Mapping[int, int], percent: int) -> int | None:
    """The smallest value that at least `percent` of all are not above (nearest rank). `counts`: value → how often.

    0 < percent ≤ 100. None of nothing.
    """
    total = sum(counts.values())
    if total == 0:
        return None
    rank, seen = ceil(total * percent / 100), 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= rank:
            return value
    raise AssertionError("the ranks end with the total")


def waited_seconds(length: timedelta) -> int:
    """A time to review as it is kept: whole seconds up to an hour, from then on whole minutes, rounded down."""
    seconds = max(0, int(length.total_seconds()))
    return seconds if seconds < _HOUR else seconds // 60 * 60
