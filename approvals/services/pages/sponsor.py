"""The monthly sponsor review as the page and the PDF show it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.safestring import SafeString

from approvals.adapters.report_pdf import Headline, Section, write_pdf
from approvals.domain.charts import Bars, Part, stacked_bars
from approvals.domain.measures import Measure, Together
from approvals.domain.months import Month
from approvals.domain.report_words import NOT_MEASURED, percent_words, share_words
from approvals.domain.statistics import Share
from approvals.domain.visible_text import reveal_as_text
from approvals.models import Incident
from approvals.services.pages.report_cells import Cell, Links, count_cell, draw_cells, rate_cell
from approvals.services.sponsor import HEADLINES, IMPACT, AgentRecord, MonthLine, SponsorReview, make_sponsor_review
from governance.models import ChangeProposal, Workspace

PIPELINE = NOT_MEASURED[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRow:
    """A row of a table: its name, what it means, its cells, and words beside them."""

    name: str
    cells: SafeString
    meaning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownIncident:
    """One incident in a line; `address` is its page."""

    title: str
    address: str
    severity: str
    state: str
    agent: str
    declared_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChange:
    """A proposal that waits for a second person."""

    kind: str
    subject: str
    by: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SponsorPage:
    """`pipeline` says what is missing to measure it."""

    month: Month
    next_month: date | None
    is_unfinished: bool
    meetings: Bars
    months: tuple[ShownRow, ...]
    impact: tuple[ShownRow, ...]
    pipeline: tuple[str, str]
    risks: tuple[ShownRow, ...]
    incidents: tuple[ShownIncident, ...]
    agents: tuple[ShownRow, ...]
    waiting: tuple[ShownChange, ...]


def show_sponsor_review(*, workspace: Workspace, month: Month, today: date, sees_ledger: bool) -> SponsorPage:
    """Reads alone; five queries."""
    review = make_sponsor_review(workspace=workspace, month=month)
    link = _links(workspace, month, sees_ledger=sees_ledger)
    before = link.over(month.before.first, month.before.last)
    return SponsorPage(
        month=month,
        next_month=month.next.first if month.next.first <= today else None,
        is_unfinished=month.last >= today,
        meetings=stacked_bars(
            [(f"{one.first:%b}", (Part(count, "good", "meetings booked"),)) for one, count in review.meetings]
        ),
        months=tuple(_month(one, count, link) for one, count in review.meetings),
        impact=tuple(_line(line, link, before) for line in review.part(IMPACT)),
        pipeline=PIPELINE,
        risks=tuple(_line(line, link, before) for line in review.risks),
        incidents=tuple(map(_incident, review.incidents)),
        agents=tuple(_agent(record, link) for record in review.agents),
        waiting=tuple(map(_change, review.waiting)),
    )


def make_sponsor_file(*, workspace: Workspace, month: Month, now: datetime) -> bytes:
    """The same as a PDF."""
    review = make_sponsor_review(workspace=workspace, month=month)
    note = f"{month.first} to {month.last}, UTC. Made {now:%Y-%m-%d %H:%M} UTC."
    title = f"Sponsor review {month.name}, {workspace.name}"
    found = [line for line in review.lines if line.key in HEADLINES]
    headlines = [Headline(f"{line.value:,}", line.name, f"Month before: {line.before:,}") for line in found]
    return write_pdf(title=title, note=note, sections=list_sections(review), made_at=now, headlines=headlines)


def list_sections(review: SponsorReview) -> list[Section]:
    """The tables of the PDF."""
    heads, widths = ("Measure", "This month", "Month before"), (4, 2, 2)
    name, why = PIPELINE
    return [
        Section("Impact", heads, [_numbers(line) for line in review.part(IMPACT)], widths),
        Section("Meetings booked", ("Month", "Meetings"), [(m.name, f"{n:,}") for m, n in review.meetings], (2, 5)),
        Section("Pipeline impact", ("Measure", "What is missing"), [(name, why)], (2, 5)),
        Section("Risk", heads, [_numbers(line) for line in review.risks], widths),
        Section(
            "Incidents",
            ("Incident", "Severity", "State", "Declared"),
            [(one.title, one.severity, one.state, f"{one.declared_at:%Y-%m-%d}") for one in review.incidents],
            (5, 2, 2, 2),
            words=(1, 2),
        ),
        Section(
            "Next write scopes: how agents did",
            ("Agent", "May go as far as", "Asked for", "Taken back", "Acceptance", "Exceptions"),
            [
                (
                    one.name,
                    one.level,
                    f"{one.received:,}",
                    f"{one.reverted:,}",
                    _share(one.acceptance),
                    _share(one.exceptions),
                )
                for one in review.agents
            ],
            (4, 2.5, 2, 2, 2.8, 2.8),
            words=(1,),
        ),
        Section(
            "Waiting for a second person",
            ("Change", "About", "Proposed by", "Since"),
            [
                (_kind_words(one.kind), one.subject, one.proposed_by.name, f"{one.created_at:%Y-%m-%d}")
                for one in review.waiting
            ],
            (3, 4, 3, 2),
            words=(1, 2),
        ),
    ]


def _links(workspace: Workspace, month: Month, *, sees_ledger: bool) -> Links:
    ledger = reverse("admin:audit_ledgerevent_changelist") if sees_ledger else ""
    requests = reverse("approvals:requests")
    return Links(requests=requests, ledger=ledger, workspace=workspace.slug, first=month.first, last=month.last)


def _month(month: Month, count: int, link: Links) -> ShownRow:
    cell = count_cell(count, link.over(month.first, month.last).to(Measure.MEETING))
    return ShownRow(name=f"{month.first:%B %Y}", cells=draw_cells((cell,)))


def _line(line: MonthLine, link: Links, before: Links) -> ShownRow:
    cells = (_number(line, line.value, link), _number(line, line.before, before))
    return ShownRow(name=line.name, meaning=line.meaning, cells=draw_cells(cells))


def _number(line: MonthLine, value: int, link: Links) -> Cell:
    return count_cell(value, link.to(line.rows) if line.rows is not None else link.events(line.events))


def _numbers(line: MonthLine) -> tuple[str, ...]:
    return line.name, f"{line.value:,}", f"{line.before:,}"


def _agent(record: AgentRecord, link: Links) -> ShownRow:
    link = link.only(agent=record.name)
    counts = (
        (Measure.RECEIVED, record.received),
        (Measure.EXECUTED, record.executed),
        (Measure.REVERTED, record.reverted),
    )
    cells = [Cell(record.level), *(count_cell(count, link.to(measure)) for measure, count in counts)]
    shares = ((record.acceptance, Measure.REVIEWED), (record.exceptions, Together.SETTLED))
    for share, counted in shares:
        words, total = (percent_words(share.value), share.total) if share else (None, None)
        cells.append(rate_cell(words, total, link.to(counted)))
    return ShownRow(name=reveal_as_text(record.name), meaning=share_words(record.acceptance), cells=draw_cells(cells))


def _incident(incident: Incident) -> ShownIncident:
    return ShownIncident(
        title=incident.title,
        address=reverse("approvals:incident", args=[incident.pk]),
        severity=incident.severity,
        state=incident.state,
        agent=incident.agent.name if incident.agent is not None else "",
        declared_at=incident.declared_at,
    )


def _change(change: ChangeProposal) -> ShownChange:
    return ShownChange(
        kind=_kind_words(change.kind),
        subject=change.subject,
        by=change.proposed_by.name,
        since=change.created_at,
    )


def _kind_words(kind: str) -> str:
    return kind.replace(".", ": ").replace("_", " ")


def _share(share: Share | None) -> str:
    return f"{percent_words(share.value)} of {share.total:,}" if share else "–"
