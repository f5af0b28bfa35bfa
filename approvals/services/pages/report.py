"""The weekly report as the page shows it: figures in words, charts as shapes, and the list behind each number."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from approvals.domain.charts import Bars, Dots, Part, share_dots, stacked_bars
from approvals.domain.measures import Measure
from approvals.domain.report import Figure, Line, Reason, Report
from approvals.domain.report_words import NOT_MEASURED, change_words, percent_words, share_words, value_words
from approvals.domain.visible_text import reveal_as_text
from approvals.domain.weeks import Week
from approvals.domain.wording import duration_words
from approvals.selectors.report_tallies import count_unknown
from approvals.services.reports import make_weekly_report
from audit.selectors.lag import get_follower_lags
from governance.models import Workspace

HEADLINES = ("acceptance", "exceptions", "median", "p90")
AGENT_MEASURES = (
    Measure.RECEIVED,
    Measure.EXECUTED,
    Measure.DENIED_BY_POLICY,
    Measure.APPROVED_BY_PEOPLE,
    Measure.DENIED_BY_PEOPLE,
    Measure.REVERTED,
)
_OTHER_ENDS = (Measure.EXPIRED, Measure.CANCELLED, Measure.CONFLICT, Measure.FAILED)
TONES = (("executed", "good"), ("denied by policy", "bad"), ("denied by people", "warn"), ("ended otherwise", "mute"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFigure:
    """`query` finds the requests behind it; empty where there are none to list. `events` finds ledger events."""

    key: str
    name: str
    meaning: str
    value: str
    before: str
    change: str
    share: str
    query: str
    events: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A number and the query of its rows, empty for none."""

    text: str
    query: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    """One agent or field."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownReason:
    """`width` is its share of the largest, in the drawing's units."""

    code: str
    ended: str
    count: Cell
    before: str
    width: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    """Everything that the page draws. `lag` events are in the ledger and not counted yet."""

    week: Week
    next_week: date | None
    is_unfinished: bool
    headlines: tuple[ShownFigure, ...]
    figures: tuple[ShownFigure, ...]
    days: Bars
    day_rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    trend: Dots
    trend_rows: tuple[tuple[str, str, str], ...]
    reasons: tuple[ShownReason, ...]
    agents: tuple[ShownLine, ...]
    fields: tuple[ShownLine, ...]
    more_fields: int
    unknown: int
    not_measured: tuple[tuple[str, str], ...]
    lag: int
    is_empty: bool


def show_report(*, workspace: Workspace, week: Week, today: date) -> ReportPage:
    """Reads alone, in five to seven queries however many requests there are."""
    report = make_weekly_report(workspace_id=workspace.pk, week=week)
    link = Links(workspace.slug, week)
    figures = tuple(_figure(figure, link) for figure in report.figures)
    return ReportPage(
        week=week,
        next_week=week.next.monday if week.next.monday <= today else None,
        is_unfinished=week.sunday >= today,
        headlines=tuple(figure for figure in figures if figure.key in HEADLINES),
        figures=figures,
        days=stacked_bars([(f"{day:%a %-d}", _parts(counts)) for day, counts in report.days]),
        day_rows=tuple((f"{day:%a %-d}", _day_cells(day, counts, link)) for day, counts in report.days),
        trend=share_dots([(past.name[5:], (s.value, s.low, s.high) if s else None) for past, s in report.trend]),
        trend_rows=tuple(
            (past.name, percent_words(share.value) if share else "–", share_words(share) or "nobody decided anything")
            for past, share in report.trend
        ),
        reasons=_reasons(report, link),
        agents=tuple(_agent(line, link) for line in report.agents),
        fields=tuple(_field(line, link) for line in report.fields),
        more_fields=report.more_fields,
        unknown=count_unknown(workspace.pk),
        not_measured=NOT_MEASURED,
        lag=get_follower_lags().get("reports", 0),
        is_empty=not report.figure(Measure.RECEIVED).value and not report.figure(Measure.RECEIVED).before,
    )


@dataclass(frozen=True, slots=True)
class Links:
    """Query strings of the list of requests, which says there how many there are: exactly as many as here."""

    workspace: str
    week: Week

    def to(self, measure: Measure, day: date | None = None, **more: str) -> str:
        first, last = (day, day) if day is not None else (self.week.monday, self.week.sunday)
        window = {"from": first.isoformat(), "to": last.isoformat()}
        return urlencode({"workspace": self.workspace, "measure": measure.value, **window, **more})

    def events(self, kind: str) -> str:
        ends = {"at_from_0": self.week.monday, "at_to_0": self.week.sunday + timedelta(days=1)}
        return urlencode({"type": kind, "at_from_1": "00:00:00", "at_to_1": "00:00:00", **ends})


def _figure(figure: Figure, link: Links) -> ShownFigure:
    return ShownFigure(
        key=figure.key,
        name=figure.name,
        meaning=figure.meaning,
        value=value_words(figure.value, figure.unit),
        before=value_words(figure.before, figure.unit),
        change=change_words(figure),
        share=share_words(figure.share),
        query=link.to(figure.rows) if figure.rows and figure.value else "",
        events=link.events(figure.events) if figure.events and figure.value else "",
    )


def _parts(counts: Mapping[Measure, int]) -> tuple[Part, ...]:
    ends = (Measure.EXECUTED, Measure.DENIED_BY_POLICY, Measure.DENIED_BY_PEOPLE)
    values = (*(counts.get(end, 0) for end in ends), sum(counts.get(end, 0) for end in _OTHER_ENDS))
    return tuple(Part(value, tone, name) for value, (name, tone) in zip(values, TONES, strict=True))


def _day_cells(day: date, counts: Mapping[Measure, int], link: Links) -> tuple[Cell, ...]:
    ends = (Measure.RECEIVED, Measure.EXECUTED, Measure.DENIED_BY_POLICY, Measure.DENIED_BY_PEOPLE)
    cells = tuple(_cell(counts.get(end, 0), link.to(end, day=day)) for end in ends)
    return (*cells, Cell(f"{sum(counts.get(end, 0) for end in _OTHER_ENDS):,}"))


def _reasons(report: Report, link: Links) -> tuple[ShownReason, ...]:
    largest = max((reason.count for reason in report.reasons), default=1)
    return tuple(_reason(reason, link, largest) for reason in report.reasons)


def _reason(reason: Reason, link: Links, largest: int) -> ShownReason:
    return ShownReason(
        code=reveal_as_text(reason.code),
        ended=reason.measure.value.replace("_", " "),
        count=_cell(reason.count, link.to(reason.measure, code=reason.code)),
        before=f"{reason.before:,}",
        width=f"{reason.count / largest * 100:.1f}",
    )


def _agent(line: Line, link: Links) -> ShownLine:
    counts = (_cell(line.counts.get(end, 0), link.to(end, agent=line.name)) for end in AGENT_MEASURES)
    rates = (
        Cell(percent_words(line.acceptance.value) if line.acceptance else "–"),
        Cell(f"{line.exceptions:.1f}" if line.exceptions is not None else "–"),
        Cell(duration_words(timedelta(seconds=line.median)) if line.median is not None else "–"),
    )
    return ShownLine(name=reveal_as_text(line.name), cells=(*counts, *rates))


def _field(line: Line, link: Links) -> ShownLine:
    counts = (
        _cell(line.counts.get(end, 0), link.to(end, object=line.object, field=line.field)) for end in AGENT_MEASURES
    )
    accepted = Cell(percent_words(line.acceptance.value) if line.acceptance else "–")
    return ShownLine(name=reveal_as_text(line.name), cells=(*counts, accepted))


def _cell(count: int, query: str) -> Cell:
    return Cell(f"{count:,}", query if count else "")
