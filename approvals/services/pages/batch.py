"""Pages of batches: what is about to be decided, what became of it, and what an agent proposed as one (APR-06)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from approvals.domain.batch_outcome import COUNTED, ItemOutcome, outcome_tone, outcome_words
from approvals.domain.status import Status
from approvals.domain.wording import status_words
from approvals.models import BatchDecision
from approvals.selectors.batches import list_chosen
from approvals.selectors.people import get_people_names
from approvals.services.pages.inbox import InboxLine, show_lines
from approvals.services.pages.rows import RequestRow, show_rows
from governance.selectors.held import AgentScope

_PERSON = "person:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """What was selected and cannot be decided with the rest, and why."""

    row: RequestRow
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchQuestion:
    """What one click would approve: `lines`, each with its box. `others` need more people, `strays` differ from the
    rest; both are among the lines."""

    lines: tuple[InboxLine, ...]
    apart: tuple[Apart, ...]
    others: int
    strays: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """`by` names who decided first, where somebody else did."""

    request_id: str
    row: RequestRow | None
    outcome: str
    words: str
    tone: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReport:
    """`summary`: words and number for each outcome, what counted first. `left` have not been gone through."""

    decision: BatchDecision
    lines: tuple[ReportLine, ...]
    summary: tuple[tuple[str, str, int], ...]
    counted: int
    left: int


def ask_batch(
    *, workspace_id: UUID, seen: Mapping[UUID, str], now: datetime, agents: AgentScope = None
) -> BatchQuestion:
    """Reads the requests anew: what changed since the list was shown is apart already. `seen`: id → digest."""
    lines = show_lines(list_chosen(workspace_id=workspace_id, ids=list(seen), agents=agents), now=now)
    apart = {line.row.request.pk: why for line in lines if (why := _why_apart(line, seen, now))}
    ready = tuple(line for line in lines if line.row.request.pk not in apart)
    return BatchQuestion(
        lines=ready,
        apart=tuple(Apart(row=line.row, why=apart[pk]) for line in lines if (pk := line.row.request.pk) in apart),
        others=sum(1 for line in ready if line.row.needs),
        strays=sum(1 for line in ready if line.reasons),
    )


def _why_apart(line: InboxLine, seen: Mapping[UUID, str], now: datetime) -> str:
    request = line.row.request
    if request.status != Status.PENDING:
        return f"it is {status_words(request.status)} already"
    if request.expires_at is not None and request.expires_at <= now:
        return "it has expired"
    if request.digest != seen[request.pk]:
        return "the change was altered since the list was shown; look at it again"
    if line.row.is_drifted:
        return "somebody changed the record since it was proposed"
    return f"look at it by itself: {line.own_look}" if line.own_look else ""


def show_report(decision: BatchDecision, *, now: datetime, agents: AgentScope = None) -> BatchReport:
    """What became of each request, what did not count first. Reads local CRMs for the records' names."""
    ids = [UUID(item[0]) for item in decision.manifest]
    found = list_chosen(workspace_id=decision.workspace_id, ids=ids, agents=agents)
    rows = {str(row.request.pk): row for row in show_rows(found, now=now)}
    told = [item.get("by", "") for item in decision.outcomes]
    names = get_people_names({by.removeprefix(_PERSON) for by in told if by.startswith(_PERSON)})
    lines = tuple(
        _line(request_id, rows.get(request_id), outcome, names)
        for (request_id, _), outcome in zip(decision.manifest, decision.outcomes, strict=False)
    )
    return BatchReport(
        decision=decision,
        lines=tuple(sorted(lines, key=lambda line: line.outcome in COUNTED)),
        summary=_summary(lines),
        counted=sum(1 for line in lines if line.outcome in COUNTED),
        left=len(decision.manifest) - len(lines),
    )


def _line(request_id: str, row: RequestRow | None, outcome: Mapping[str, str], names: Mapping[str, str]) -> ReportLine:
    by = outcome.get("by", "")
    return ReportLine(
        request_id=request_id,
        row=row,
        outcome=outcome["outcome"],
        words=outcome_words(outcome["outcome"]),
        tone=outcome_tone(outcome["outcome"]),
        by=names.get(by.removeprefix(_PERSON), by),
    )


def _summary(lines: Sequence[ReportLine]) -> tuple[tuple[str, str, int], ...]:
    counts = Counter(line.outcome for line in lines)
    return tuple(
        (outcome_words(outcome), outcome_tone(outcome), counts[outcome]) for outcome in ItemOutcome if counts[outcome]
    )
