"""A weekly report as values: what each measure came to, beside the week before, by agent and by field (REP-01)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from approvals.domain.measures import MEANING, PARTS, WITH_CODE, Counted, Measure, Together
from approvals.domain.report_keys import (
    BREAKERS_OPENED,
    FIELD,
    NO_AGENT,
    STOPS_ENGAGED,
    by_code,
    split_field_key,
)
from approvals.domain.statistics import Share, percentile, share_of
from approvals.domain.week_sums import WeekSums
from approvals.domain.weeks import Week

MOST_REASONS = 10
MOST_FIELDS = 25

Names = Mapping[str, str]
"""Id in hex → name."""
_NONE: Mapping[str, int] = {}


class Unit(StrEnum):
    COUNT = "count"
    SHARE = "share"
    PER_HUNDRED = "per_hundred"
    SECONDS = "seconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number and the same of the week before; None where there is nothing to measure it by.

    `rows` names what its requests count as: themselves, or those that a rate or time is of, which are `total` then.
    `events` names the type of ledger events behind it.
    """

    key: str
    name: str
    meaning: str
    unit: Unit
    value: float | None
    before: float | None
    share: Share | None = None
    rows: Counted | None = None
    total: int | None = None
    total_before: int | None = None
    events: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason code under one measure."""

    measure: Measure
    code: str
    count: int
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One agent, or one field of an object, with its counts by measure."""

    name: str
    object: str = ""
    field: str = ""
    counts: Mapping[Measure, int]
    acceptance: Share | None
    exceptions: float | None = None
    settled: int = 0
    median: int | None = None
    reviewed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One week of one workspace. `days` has the counts of each day, `trend` the acceptance of the last weeks; `groups`
    are slug and name of the approver groups."""

    week: Week
    figures: tuple[Figure, ...]
    reasons: tuple[Reason, ...]
    agents: tuple[Line, ...]
    fields: tuple[Line, ...]
    more_fields: int
    days: tuple[tuple[date, Mapping[Measure, int]], ...]
    trend: tuple[tuple[Week, Share | None], ...]
    groups: tuple[tuple[str, str], ...]

    def figure(self, key: str) -> Figure:
        return next(figure for figure in self.figures if figure.key == key)


class Counts:
    """Sums of one week, to be asked. An agent is named by its id in hex."""

    def __init__(self, sums: WeekSums) -> None:
        self._sums = sums
        self._totals = {measure: sum(found.values()) for measure, found in sums.plain.items()}

    def of(self, measure: str, agent: str | None = None) -> int:
        if agent is None:
            return self._totals.get(measure, 0)
        return self._sums.plain.get(measure, _NONE).get(agent, 0)

    def details(self, measure: str) -> Mapping[str, int]:
        return self._sums.details.get(measure, _NONE)

    @property
    def agents(self) -> set[str]:
        return {agent for found in self._sums.plain.values() for agent in found} - {NO_AGENT.hex}

    def settled(self, agent: str | None = None) -> int:
        return sum(self.of(end, agent) for end in PARTS[Together.SETTLED])

    def acceptance(self, agent: str | None = None) -> Share | None:
        """Approved by people, of what people decided."""
        yes, no = self.of(Measure.APPROVED_BY_PEOPLE, agent), self.of(Measure.DENIED_BY_PEOPLE, agent)
        return share_of(yes, yes + no)

    def exceptions(self, agent: str | None = None) -> float | None:
        settled = self.settled(agent)
        return self.of(Measure.EXCEPTION, agent) * 100 / settled if settled else None

    def waited(self, percent: int, agent: str | None = None) -> int | None:
        lengths = self._sums.waited.values() if agent is None else (self._sums.waited.get(agent, _NONE),)
        together: dict[str, int] = {}
        for found in lengths:
            for seconds, count in found.items():
                together[seconds] = together.get(seconds, 0) + count
        return percentile({int(seconds): count for seconds, count in together.items()}, percent)


def make_figures(now: Counts, before: Counts) -> tuple[Figure, ...]:
    """Every figure of the report, in the order in which it is read."""
    return (*_rates(now, before), *(_count(measure, now, before) for measure in Measure), *_stops(now, before))


def make_reasons(now: Counts, before: Counts) -> tuple[Reason, ...]:
    """Top failure modes: the reason codes that ended most requests, a person's no apart."""
    found = [
        Reason(measure=measure, code=code, count=count, before=before.details(by_code(measure)).get(code, 0))
        for measure in WITH_CODE
        for code, count in now.details(by_code(measure)).items()
    ]
    return tuple(sorted(found, key=lambda reason: (-reason.count, reason.code, reason.measure))[:MOST_REASONS])


def make_agent_lines(now: Counts, names: Names) -> tuple[Line, ...]:
    """Each agent that asked for something, by name. One whose row is gone is called by its id."""
    lines = [
        Line(
            name=names.get(agent, agent),
            counts={measure: now.of(measure, agent) for measure in Measure if measure is not Measure.OPEN}
            | {Measure.OPEN: now.of(Measure.RECEIVED, agent) - now.settled(agent)},
            acceptance=now.acceptance(agent),
            exceptions=now.exceptions(agent),
            settled=now.settled(agent),
            median=now.waited(50, agent),
            reviewed=now.of(Measure.REVIEWED, agent),
        )
        for agent in now.agents
    ]
    return tuple(sorted(lines, key=lambda line: line.name))


def make_field_lines(now: Counts) -> tuple[Line, ...]:
    """Each field that was asked for, the most asked for first."""
    found: dict[str, dict[Measure, int]] = {}
    for measure in Measure:
        for key, count in now.details(f"{FIELD}{measure}").items():
            found.setdefault(key, {})[measure] = count
    ranked = sorted(found.items(), key=lambda item: (-item[1].get(Measure.RECEIVED, 0), item[0]))
    return tuple(_field_line(key, counts) for key, counts in ranked)


def _field_line(key: str, counts: Mapping[Measure, int]) -> Line:
    object_type, field = split_field_key(key)
    return Line(name=key, object=object_type, field=field, counts=Counter(counts), acceptance=_accepted(counts))


def _accepted(counts: Mapping[Measure, int]) -> Share | None:
    yes, no = counts.get(Measure.APPROVED_BY_PEOPLE, 0), counts.get(Measure.DENIED_BY_PEOPLE, 0)
    return share_of(yes, yes + no)


def _rates(now: Counts, before: Counts) -> tuple[Figure, ...]:
    exceptions = Figure(
        key="exceptions",
        name="Exceptions per 100",
        meaning=f"Of 100 settled requests. Exceptions: {MEANING[Measure.EXCEPTION][1]}",
        unit=Unit.PER_HUNDRED,
        value=now.exceptions(),
        before=before.exceptions(),
        rows=Together.SETTLED,
        total=now.settled(),
        total_before=before.settled(),
    )
    acceptance, *others = (_share(words, now, before) for words in _SHARES)
    return (acceptance, exceptions, *(_waited(words, now, before) for words in _WAITS), *others)


_SHARES: tuple[tuple[str, str, str, Measure, Measure], ...] = (
    (
        "acceptance",
        "Acceptance rate",
        "Of what people decided by their own vote, the share that they approved.",
        Measure.APPROVED_BY_PEOPLE,
        Measure.REVIEWED,
    ),
    (
        "reverts",
        "Taken back, share",
        "Of what was executed, the share that a person reverted since.",
        Measure.REVERTED,
        Measure.EXECUTED,
    ),
    (
        "bounces",
        "Bounce rate",
        "Of what was sent in the week, the share reported as bounced so far.",
        Measure.BOUNCED,
        Measure.SENT,
    ),
    (
        "complaints",
        "Complaint rate",
        "Of what was sent in the week, the share that drew a reported complaint so far.",
        Measure.COMPLAINED,
        Measure.SENT,
    ),
)
"""Key, name, meaning, what is counted, of what."""

_WAITS = (
    ("median", "Time to review, median", "From the proposal to the vote that settled it. Half took no longer.", 50),
    ("p90", "Time to review, 90th percentile", "Nine of ten were decided in this time or less.", 90),
)


def _share(words: tuple[str, str, str, Measure, Measure], now: Counts, before: Counts) -> Figure:
    key, name, meaning, counted, among = words
    this, last = (share_of(week.of(counted), week.of(among)) for week in (now, before))
    return Figure(
        key=key,
        name=name,
        meaning=meaning,
        unit=Unit.SHARE,
        value=this.value if this else None,
        before=last.value if last else None,
        share=this,
        rows=among,
        total=now.of(among),
        total_before=before.of(among),
    )


def _waited(words: tuple[str, str, str, int], now: Counts, before: Counts) -> Figure:
    key, name, meaning, percent = words
    return Figure(
        key=key,
        name=name,
        meaning=meaning,
        unit=Unit.SECONDS,
        value=now.waited(percent),
        before=before.waited(percent),
        rows=Measure.REVIEWED,
        total=now.of(Measure.REVIEWED),
        total_before=before.of(Measure.REVIEWED),
    )


def _count(measure: Measure, now: Counts, before: Counts) -> Figure:
    def ask(counts: Counts) -> int:
        if measure is Measure.OPEN:
            return counts.of(Measure.RECEIVED) - counts.settled()
        return counts.of(measure)

    name, meaning = MEANING[measure]
    return Figure(
        key=measure.value,
        name=name,
        meaning=meaning,
        unit=Unit.COUNT,
        value=ask(now),
        before=ask(before),
        rows=measure,
    )


def _stops(now: Counts, before: Counts) -> tuple[Figure, ...]:
    texts = (
        (STOPS_ENGAGED, "Stops", "Kill switches that people engaged in the week.", "switch.engaged"),
        (BREAKERS_OPENED, "Breakers tripped", "Circuit breakers that opened in the week.", "breaker.opened"),
    )
    return tuple(
        Figure(
            key=key,
            name=name,
            meaning=meaning,
            unit=Unit.COUNT,
            value=now.of(key),
            before=before.of(key),
            events=event,
        )
        for key, name, meaning, event in texts
    )
