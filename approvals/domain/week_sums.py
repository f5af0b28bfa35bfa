"""What the tallies of a week come to: plain dictionaries, kept as JSON in a roll-up exactly as they are (REP-01)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from approvals.domain.report_keys import WAITED, is_split

Nested = dict[str, dict[str, int]]


class Tally(NamedTuple):
    """One tally, or several summed. `day` is ISO; `agent` its id in hex, no matter which where a detail is split."""

    day: str
    measure: str
    agent: str
    detail: str
    total: int


@dataclass(slots=True)
class WeekSums:
    """`plain`: measure → agent → count. `details`: field and code measures → detail → count, over all agents.

    `waited`: agent → seconds → count. `days`: ISO day → plain measure → count, over all agents.
    """

    plain: Nested = field(default_factory=dict)
    details: Nested = field(default_factory=dict)
    waited: Nested = field(default_factory=dict)
    days: Nested = field(default_factory=dict)

    def add(self, tallies: Iterable[Tally]) -> None:
        """Count these too. Adding in one go or in several, in any order, comes to the same."""
        for day, measure, agent, detail, count in tallies:
            if measure == WAITED:
                _add(self.waited, agent, detail, count)
            elif is_split(measure):
                _add(self.details, measure, detail, count)
            else:
                _add(self.plain, measure, agent, count)
                _add(self.days, day, measure, count)

    def kept(self) -> dict[str, Nested]:
        """All but the days, which lie in a column of their own: a chart of eight weeks reads them alone."""
        return {"plain": self.plain, "details": self.details, "waited": self.waited}


def sums_of(kept: Mapping[str, Nested], days: Nested) -> WeekSums:
    """The inverse of `kept`; an empty mapping has the days alone."""
    return WeekSums(kept.get("plain", {}), kept.get("details", {}), kept.get("waited", {}), days)


def sum_tallies(tallies: Iterable[Tally]) -> WeekSums:
    """All of them, from nothing."""
    sums = WeekSums()
    sums.add(tallies)
    return sums


def _add(sums: Nested, outer: str, inner: str, count: int) -> None:
    found = sums.get(outer)
    if found is None:
        sums[outer] = {inner: count}
    else:
        found[inner] = found.get(inner, 0) + count
