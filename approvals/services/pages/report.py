"""The weekly report as the page shows it: figures in words, charts as shapes, and the list behind each number."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString

from approvals.domain.charts import Bars, Dots, Part, share_dots, stacked_bars
from approvals.domain.measures import PARTS, Counted, Measure, Together
from approvals.domain.report import Figure, Line, Reason, Report, Unit
from approvals.domain.report_words import NOT_MEASURED, change_words, percent_words, share_words, value_words
from approvals.domain.statistics import Share
from approvals.domain.visible_text import reveal_as_text
from approvals.domain.weeks import Week
from approvals.domain.wording import duration_words
from approvals.selectors.report_tallies import count_unknown
from approvals.selectors.stranded import count_stranded_by_group
from approvals.services.pages.report_cells import Cell, Links, count_cell, draw_cells, rate_cell
from approvals.services.reports import make_weekly_report
from audit.selectors.lag import get_follower_lags
from governance.models import Workspace
from governance.selectors.held import AgentScope

HEADLINES = ("acceptance", "exceptions", "median", "p90")
AGENT_MEASURES = (
    Measure.RECEIVED,
    Measure.EXECUTED,
    Measure.DENIED_BY_POLICY,
    Measure.APPROVED_BY_PEOPLE,
    Measure.DENIED_BY_PEOPLE,
    Measure.REVERTED,
)
_DAY: tuple[Counted, ...] = (
    Measure.RECEIVED,
    Measure.EXECUTED,
    Measure.DENIED_BY_POLICY,
    Measure.DENIED_BY_PEOPLE,
    Together.ENDED_OTHERWISE,
)
TONES = (("executed", "good"), ("denied by policy", "bad"), ("denied by people", "warn"), ("ended otherwise", "mute"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFigure:
    """`cells` are this week and the week before; `address` is of this week's rows, empty where there are none."""

    key: str
    name: str
    meaning: str
    value: str
    before: str
    change: str
    share: str
    of: str
    address: str
    cells: SafeString


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    """One row of a table: a day, a week, an agent, a field."""

    name: str
    cells: SafeString
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownReason:
    """`cells` are this week and the week before; `width` is its share of the largest, in the drawing's units."""

    code: str
    ended: str
    cells: SafeString
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
    day_rows: tuple[ShownLine, ...]
    trend: Dots
    trend_rows: tuple[ShownLine, ...]
    reasons: tuple[ShownReason, ...]
    agents: tuple[ShownLine, ...]
    fields: tuple[ShownLine, ...]
    more_fields: int
    groups: tuple[ShownLine, ...]
    unknown: int
    not_measured: tuple[tuple[str, str], ...]
    lag: int
    is_empty: bool


def show_report(
    *, workspace: Workspace, week: Week, today: date, sees_ledger: bool, agents: AgentScope = None
) -> ReportPage:
    """Reads alone, in six queries however many requests there are."""
    report = make_weekly_report(workspace_id=workspace.pk, week=week, agents=agents)
    link = links_of(workspace, week, sees_ledger=sees_ledger)
    before = link.over(week.before.monday, week.before.sunday)
    figures = tuple(_figure(figure, link, before) for figure in report.figures)
    return ReportPage(
        week=week,
        next_week=week.next.monday if week.next.monday <= today else None,
        is_unfinished=week.sunday >= today,
        headlines=tuple(figure for figure in figures if figure.key in HEADLINES),
        figures=figures,
        days=stacked_bars([(f"{day:%a %-d}", _parts(counts)) for day, counts in report.days]),
        day_rows=tuple(_day(day, counts, link.over(day, day)) for day, counts in report.days),
        trend=share_dots([(past.name[5:], (s.value, s.low, s.high) if s else None) for past, s in report.trend]),
        trend_rows=tuple(_past(past, share, link.over(past.monday, past.sunday)) for past, share in report.trend),
        reasons=_reasons(report, link, before),
        agents=tuple(_agent(line, link) for line in report.agents),
        fields=tuple(_field(line, link) for line in report.fields),
        more_fields=report.more_fields,
        groups=_groups(workspace, report.groups) if agents is None else (),
        unknown=count_unknown(workspace.pk, agents),
        not_measured=NOT_MEASURED,
        lag=get_follower_lags().get("reports", 0),
        is_empty=not report.figure(Measure.RECEIVED).value and not report.figure(Measure.RECEIVED).before,
    )


def links_of(workspace: Workspace, week: Week, *, sees_ledger: bool) -> Links:
    ledger = reverse("admin:audit_ledgerevent_changelist") if sees_ledger else ""
    requests = reverse("approvals:requests")
    return Links(requests=requests, ledger=ledger, workspace=workspace.slug, first=week.monday, last=week.sunday)


def _groups(workspace: Workspace, groups: tuple[tuple[str, str], ...]) -> tuple[ShownLine, ...]:
    """Each approver group with what waits for it and nobody may decide, now."""
    counts, address = count_stranded_by_group(workspace_id=workspace.pk), reverse("approvals:stranded")
    return tuple(
        ShownLine(
            name=reveal_as_text(name),
            cells=draw_cells(
                (count_cell(counts[slug], f"{address}?{urlencode({'workspace': workspace.slug, 'group': slug})}"),)
            ),
        )
        for slug, name in groups
    )


def _figure(figure: Figure, link: Links, before: Links) -> ShownFigure:
    this = figure_cell(figure, figure.value, figure.total, link)
    return ShownFigure(
        key=figure.key,
        name=figure.name,
        meaning=figure.meaning,
        value=value_words(figure.value, figure.unit),
        before=value_words(figure.before, figure.unit),
        change=change_words(figure),
        share=share_words(figure.share),
        of=f"{figure.total:,}" if figure.total and this.address else "",
        address=this.address,
        cells=draw_cells((this, figure_cell(figure, figure.before, figure.total_before, before))),
    )


def figure_cell(figure: Figure, value: float | None, total: int | None, link: Links) -> Cell:
    """A figure's value with the way to its rows, or to its events."""
    words = value_words(value, figure.unit)
    if value is None or not (value if figure.unit is Unit.COUNT else total):
        return Cell(words)
    address = link.to(figure.rows) if figure.rows is not None else link.events(figure.events)
    return Cell(words, address, None if figure.unit is Unit.COUNT else total)


def _parts(counts: Mapping[Measure, int]) -> tuple[Part, ...]:
    return tuple(Part(_sum(counts, end), tone, name) for end, (name, tone) in zip(_DAY[1:], TONES, strict=True))


def _sum(counts: Mapping[Measure, int], counted: Counted) -> int:
    parts = PARTS[counted] if isinstance(counted, Together) else (counted,)
    return sum(counts.get(measure, 0) for measure in parts)


def _day(day: date, counts: Mapping[Measure, int], link: Links) -> ShownLine:
    cells = (count_cell(_sum(counts, counted), link.to(counted)) for counted in _DAY)
    return ShownLine(name=f"{day:%a %-d}", cells=draw_cells(cells))


def _past(week: Week, share: Share | None, link: Links) -> ShownLine:
    return ShownLine(
        name=week.name,
        cells=draw_cells((_accepted(share, link.to(Measure.REVIEWED)),)),
        words=share_words(share) or "nobody decided anything",
    )


def _accepted(share: Share | None, address: str) -> Cell:
    return rate_cell(percent_words(share.value), share.total, address) if share else rate_cell(None, None, address)


def _reasons(report: Report, link: Links, before: Links) -> tuple[ShownReason, ...]:
    largest = max((reason.count for reason in report.reasons), default=1)
    return tuple(_reason(reason, (link, before), largest) for reason in report.reasons)


def _reason(reason: Reason, links: tuple[Links, Links], largest: int) -> ShownReason:
    counts = zip((reason.count, reason.before), (link.only(code=reason.code) for link in links), strict=True)
    return ShownReason(
        code=reveal_as_text(reason.code),
        ended=reason.measure.value.replace("_", " "),
        cells=draw_cells(count_cell(count, link.to(reason.measure)) for count, link in counts),
        width=f"{reason.count / largest * 100:.1f}",
    )


def _agent(line: Line, link: Links) -> ShownLine:
    link = link.only(agent=line.name)
    counts = (count_cell(line.counts.get(end, 0), link.to(end)) for end in AGENT_MEASURES)
    reviewed = link.to(Measure.REVIEWED)
    exceptions = f"{line.exceptions:.1f}" if line.exceptions is not None else None
    median = duration_words(timedelta(seconds=line.median)) if line.median is not None else None
    rates = (
        _accepted(line.acceptance, reviewed),
        rate_cell(exceptions, line.settled, link.to(Together.SETTLED)),
        rate_cell(median, line.reviewed, reviewed),
    )
    return ShownLine(name=reveal_as_text(line.name), cells=draw_cells((*counts, *rates)))


def _field(line: Line, link: Links) -> ShownLine:
    link = link.only(object=line.object, field=line.field)
    counts = (count_cell(line.counts.get(end, 0), link.to(end)) for end in AGENT_MEASURES)
    accepted = _accepted(line.acceptance, link.to(Measure.REVIEWED))
    return ShownLine(name=reveal_as_text(line.name), cells=draw_cells((*counts, accepted)))
