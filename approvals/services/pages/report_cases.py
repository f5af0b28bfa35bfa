"""The part of the weekly report about exceptions and second looks: what was opened and closed, how late, how good."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from urllib.parse import urlencode
from uuid import UUID

from approvals.domain.case_words import KIND_WORDS
from approvals.domain.exception_case import CaseKind
from approvals.domain.weeks import Week
from approvals.domain.wilson import Rate
from approvals.domain.wording import duration_words
from approvals.selectors.report_cases import CaseMeasure, count_cases, get_score_rate, list_closing_seconds
from approvals.services.pages.quality_results import ShownRate, show_rate
from governance.models import Workspace

MEASURES = (CaseMeasure.OPENED, CaseMeasure.CLOSED, CaseMeasure.LEFT_OPEN, CaseMeasure.LATE)
MEASURE_WORDS = {
    CaseMeasure.OPENED: "opened in the week",
    CaseMeasure.CLOSED: "closed in the week",
    CaseMeasure.LEFT_OPEN: "open at its end",
    CaseMeasure.LATE: "late for review or remediation in the week",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """One kind of exception, or all of them (an empty `kind`). `median` is empty where none was closed."""

    kind: str
    words: str
    counts: tuple[tuple[CaseMeasure, int], ...]
    median: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesPart:
    """`lines` end with all kinds together; none where no case was open in the week. `query` asks for the rows."""

    lines: tuple[CaseLine, ...]
    cards: Rate
    cards_before: Rate
    shown: ShownRate
    query: str


def show_cases_part(
    *, workspace: Workspace, week: Week, now: datetime, agents: Collection[UUID] | None = None
) -> CasesPart:
    """Four queries, however many cases there are."""
    counts = count_cases(workspace_id=workspace.pk, week=week, now=now, agents=agents)
    seconds: defaultdict[str, list[int]] = defaultdict(list)
    for kind, took in list_closing_seconds(workspace_id=workspace.pk, week=week, agents=agents):
        seconds[kind].append(took)
        seconds[""].append(took)
    lines = [_line(kind, KIND_WORDS[CaseKind(kind)], found, seconds[kind]) for kind, found in counts.items()]
    if lines:
        together = {measure: sum(found[measure] for found in counts.values()) for measure in MEASURES}
        lines.append(_line("", "all kinds", together, seconds[""]))
    cards = get_score_rate(workspace_id=workspace.pk, week=week, agents=agents)
    return CasesPart(
        lines=tuple(lines),
        cards=cards,
        cards_before=get_score_rate(workspace_id=workspace.pk, week=week.before, agents=agents),
        shown=show_rate(cards),
        query=urlencode({"workspace": workspace.slug, "week": week.monday.isoformat()}),
    )


def _line(kind: str, words: str, counts: dict[CaseMeasure, int], seconds: list[int]) -> CaseLine:
    took = duration_words(timedelta(seconds=round(median(seconds)))) if seconds else ""
    return CaseLine(
        kind=kind, words=words, counts=tuple((measure, counts[measure]) for measure in MEASURES), median=took
    )
