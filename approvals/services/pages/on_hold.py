"""On hold: what a person put off, the first to return first (APR-03)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from approvals.domain.wording import duration_words
from approvals.selectors.snoozes import list_snoozes
from approvals.services.pages.rows import RequestRow, show_rows
from governance.selectors.held import AgentScope


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRow:
    row: RequestRow
    until: datetime
    returns_in: str


def show_on_hold(
    *, workspace_id: UUID, person_id: UUID | None, now: datetime, agents: AgentScope = None
) -> tuple[HeldRow, ...]:
    """One query, and one for each object whose records have names in a local CRM."""
    snoozes = list_snoozes(workspace_id=workspace_id, person_id=person_id, now=now, agents=agents)
    rows = show_rows([snooze.request for snooze in snoozes], now=now)
    return tuple(
        HeldRow(row=row, until=snooze.until, returns_in=duration_words(snooze.until - now))
        for snooze, row in zip(snoozes, rows, strict=True)
    )
