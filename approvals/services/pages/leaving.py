"""Leaving soon: approved sends in their windows, with the time that is left to keep each back (APR-14, KIL-02)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from approvals.domain.wording import duration_words
from approvals.models import AgentActionRequest
from approvals.selectors.leaving import MAX_LISTED, list_leaving
from approvals.services.pages.rows import RequestRow, show_rows
from governance.domain.action_class import IRREVERSIBLE
from governance.selectors.held import AgentScope


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavingRow:
    """`leaves_in` in words; a window that is over says so: the worker takes it within seconds."""

    row: RequestRow
    request: AgentActionRequest
    leaves_at: datetime | None
    leaves_in: str
    is_irreversible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavingPage:
    rows: tuple[LeavingRow, ...]
    has_more: bool


def show_leaving(*, workspace_id: UUID, now: datetime, agents: AgentScope = None) -> LeavingPage:
    """Two queries, and one for each object whose records have names in a local CRM."""
    found = list_leaving(workspace_id=workspace_id, agents=agents)
    shown = show_rows(found[:MAX_LISTED], now=now)
    return LeavingPage(rows=tuple(_row(row, now) for row in shown), has_more=len(found) > MAX_LISTED)


def _row(row: RequestRow, now: datetime) -> LeavingRow:
    at = row.request.not_before
    return LeavingRow(
        row=row,
        request=row.request,
        leaves_at=at,
        leaves_in=duration_words(at - now) if at is not None and at > now else "",
        is_irreversible=row.request.action in IRREVERSIBLE,
    )
