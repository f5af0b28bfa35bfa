"""The part of the weekly report about exceptions and second looks: what was opened and closed, how late, how good."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString

from approvals.domain.case_words import KIND_WORDS
from approvals.domain.exception_case import CaseKind
from approvals.domain.weeks import Week
from approvals.domain.wilson import Rate
from approvals.domain.wording import duration_words
from approvals.selectors.report_cases import CaseMeasure, count_cases, list_closing_seconds
from approvals.services.pages.quality_results import ShownRate, show_rate
from approvals.services.pages.report_cells import count_cell, draw_cells, rate_cell
from governance.models import Workspace
from governance.selectors.held import AgentScope

MEASURES = (CaseMeasure.OPENED, CaseMeasure.CLOSED, CaseMeasure.LEFT_OPEN, CaseMeasure.LATE)
MEASURE_WORDS = {
    CaseMeasure.OPENED: "opened in the week",
    CaseMeasure.CLOSED: "closed in the week",
    CaseMeasure.LEFT_OPEN: "open at its end",
    CaseMeasure.LATE: "late for review or remediation in the week",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """One kind of exception, or all of them. `median` is empty where none was closed; `cells` draw both."""

    words: str
    counts: tuple[tuple[CaseMeasure, int], ...]
    median: str
    cells: SafeString


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesPart:
    """`lines` end with all kinds together; none where no case was open in the week. `behind` and `behind_before` are
    addresses to which what is asked for is added."""

    lines: tuple[CaseLine, ...]
    cards: Rate
    cards_before: Rate
    shown: ShownRate
    behind: str
    behind_before: str


def show_cases_part(*, workspace: Workspace, week: Week, now: datetime, agents: AgentScope = None) -> CasesPart:
    """Two queries, however many cases there are."""
    counts = count_cases(workspace_id=workspace.pk, week=week, now=now, agents=agents)
    seconds: defaultdict[str, list[int]] = defaultdict(list)
    for kind, took in list_closing_seconds(workspace_id=workspace.pk, week=week, agents=agents):
        seconds[kind].append(took)
        seconds[""].append(took)
    behind = _behind(workspace, week)
    lines = [
        _line(kind, KIND_WORDS[CaseKind(kind)], found, seconds[kind], behind) for kind, found in counts.kinds.items()
    ]
    if lines:
        together = {measure: sum(found[measure] for found in counts.kinds.values()) for measure in MEASURES}
        lines.append(_line("", "all kinds", together, seconds[""], behind))
    return CasesPart(
        lines=tuple(lines),
        cards=counts.cards,
        cards_before=counts.cards_before,
        shown=show_rate(counts.cards),
        behind=behind,
        behind_before=_behind(workspace, week.before),
    )


def _behind(workspace: Workspace, week: Week) -> str:
    asked = {"workspace": workspace.slug, "week": week.monday.isoformat()}
    return f"{reverse('approvals:report_cases')}?{urlencode(asked)}"


def _line(kind: str, words: str, counts: dict[CaseMeasure, int], seconds: Sequence[int], behind: str) -> CaseLine:
    took = duration_words(timedelta(seconds=round(median(seconds)))) if seconds else ""
    address = {measure: f"{behind}&what={measure}&kind={kind}" for measure in MEASURES}
    cells = [count_cell(counts[measure], address[measure]) for measure in MEASURES]
    cells.append(rate_cell(took or None, counts[CaseMeasure.CLOSED], address[CaseMeasure.CLOSED]))
    return CaseLine(
        words=words,
        counts=tuple((measure, counts[measure]) for measure in MEASURES),
        median=took,
        cells=draw_cells(cells),
    )
