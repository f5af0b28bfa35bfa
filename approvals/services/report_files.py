"""The weekly report as a file: the same figures as on the page, in which nothing acts (REP-02)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from approvals.adapters.report_pdf import Headline, Section, write_pdf
from approvals.domain.measures import MEANING
from approvals.domain.report import Line, Report
from approvals.domain.report_words import NOT_MEASURED, change_words, percent_words, share_words, value_words
from approvals.domain.weeks import Week
from approvals.domain.wording import duration_words
from approvals.services.pages.report import AGENT_MEASURES, HEADLINES
from approvals.services.pages.report_cases import MEASURE_WORDS, CasesPart, show_cases_part
from approvals.services.reports import make_weekly_report
from governance.adapters.table_file import write_csv, write_xlsx
from governance.models import Workspace
from governance.selectors.held import AgentScope

FILE_TYPES = {"xlsx": "Excel", "csv": "CSV", "pdf": "PDF"}
COLUMNS = ("part", "name", "what", "this week", "week before", "change", "note")


def make_report_file(*, kind: str, workspace: Workspace, week: Week, now: datetime, agents: AgentScope = None) -> bytes:
    """The report as one of FILE_TYPES. The same tallies give the same rows in each."""
    report = make_weekly_report(workspace_id=workspace.pk, week=week, agents=agents)
    cases = show_cases_part(workspace=workspace, week=week, now=now, agents=agents)
    title = f"Weekly report {week.name}, {workspace.name}"
    note = f"{week.monday} to {week.sunday}, UTC. Made {now:%Y-%m-%d %H:%M} UTC."
    if kind == "pdf":
        sections = [*report_sections(report), *cases_sections(cases)]
        return write_pdf(title=title, note=note, sections=sections, made_at=now, headlines=_headlines(report))
    rows = [("report", title, note, "", "", "", ""), *report_rows(report), *cases_rows(cases)]
    return write_csv(COLUMNS, rows) if kind == "csv" else write_xlsx(COLUMNS, rows, title=week.name, freeze="C2")


def report_rows(report: Report) -> list[tuple[str, ...]]:
    """One row for each number, in the columns of COLUMNS."""
    rows: list[tuple[str, ...]] = [
        (
            "figures",
            figure.name,
            figure.meaning,
            value_words(figure.value, figure.unit),
            value_words(figure.before, figure.unit),
            change_words(figure),
            share_words(figure.share),
        )
        for figure in report.figures
    ]
    rows += [
        ("top reasons", reason.code, reason.measure.replace("_", " "), str(reason.count), str(reason.before), "", "")
        for reason in report.reasons
    ]
    for part, lines in (("agents", report.agents), ("fields", report.fields)):
        rows += [(part, line.name, what, value, "", "", note) for line in lines for what, value, note in _facts(line)]
    rows += [("not measured yet", name, why, "", "", "", "") for name, why in NOT_MEASURED]
    return rows


def cases_rows(cases: CasesPart) -> list[tuple[str, ...]]:
    """Exceptions by kind and the cards of second looks, in the columns of COLUMNS."""
    rows: list[tuple[str, ...]] = []
    for line in cases.lines:
        counts = [(MEASURE_WORDS[measure], str(count)) for measure, count in line.counts]
        counts += [("opened to closed, median", line.median)] if line.median else []
        rows += [("exceptions", line.words, what, value, "", "", "") for what, value in counts]
    if cases.cards.total:
        rows.append(("second looks", "failed cards", "", *_cards(cases), "", cases.shown.span))
    return rows


def cases_sections(cases: CasesPart) -> list[Section]:
    """The same as tables of the PDF."""
    lines = [(line.words, *(f"{count:,}" for _, count in line.counts), line.median) for line in cases.lines]
    heads = ("Exception", "Opened", "Closed", "Open at the end", "Late", "Median to close")
    cards = [("failed cards", *_cards(cases), cases.shown.span)] if cases.cards.total else []
    return [
        Section("Exceptions", heads, lines, (4, 2, 2, 2, 2, 2)),
        Section("Second looks", ("Cards", "This week", "Week before", "95 % interval"), cards, (4, 2, 2, 2)),
    ]


def _cards(cases: CasesPart) -> tuple[str, str]:
    return f"{cases.cards.hits} of {cases.cards.total}", f"{cases.cards_before.hits} of {cases.cards_before.total}"


def _facts(line: Line) -> Sequence[tuple[str, str, str]]:
    counts = [(measure.replace("_", " "), str(line.counts.get(measure, 0)), "") for measure in AGENT_MEASURES]
    if line.acceptance is not None:
        counts.append(("acceptance rate", percent_words(line.acceptance.value), share_words(line.acceptance)))
    if line.exceptions is not None:
        counts.append(("exceptions per 100", f"{line.exceptions:.1f}", ""))
    if line.median is not None:
        counts.append(("time to review, median", duration_words(timedelta(seconds=line.median)), ""))
    return counts


def _headlines(report: Report) -> list[Headline]:
    found = [report.figure(key) for key in HEADLINES]
    return [
        Headline(value_words(f.value, f.unit), f.name, f"Week before: {value_words(f.before, f.unit)}") for f in found
    ]


def report_sections(report: Report) -> list[Section]:
    """The tables of the PDF."""
    heads = [MEANING[measure][0] for measure in AGENT_MEASURES]
    return [
        Section(
            "Figures",
            ("Measure", "This week", "Week before", "Change"),
            [
                (f.name, value_words(f.value, f.unit), value_words(f.before, f.unit), change_words(f))
                for f in report.figures
            ],
            (4, 2, 2, 2),
        ),
        Section(
            "Top reasons",
            ("Reason code", "Ended as", "This week", "Week before"),
            [(r.code, r.measure.replace("_", " "), f"{r.count:,}", f"{r.before:,}") for r in report.reasons],
            (4, 2, 2, 2),
            words=(1,),
        ),
        Section("Agents", ("Agent", *heads), [_counts(line) for line in report.agents], (4, *[1.6] * len(heads))),
        Section("Fields", ("Field", *heads), [_counts(line) for line in report.fields], (4, *[1.6] * len(heads))),
        Section(
            "What the measures mean", ("Measure", "Meaning"), [(f.name, f.meaning) for f in report.figures], (2, 5)
        ),
        Section("Not measured yet", ("Measure", "What is missing"), list(NOT_MEASURED), (2, 5)),
    ]


def _counts(line: Line) -> tuple[str, ...]:
    return (line.name, *(f"{line.counts.get(measure, 0):,}" for measure in AGENT_MEASURES))
