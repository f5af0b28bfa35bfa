"""The request half of the home page: what waits for this person, what ran, what went wrong."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from approvals.selectors.inbox import find_waiting, list_waiting
from approvals.selectors.overview import SHOWN, TROUBLE, get_overview
from approvals.services.pages.rows import RequestRow, show_rows
from governance.selectors.held import AgentScope


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewPage:
    """Counts are of the last 24 hours, except `waiting`, `pending` and `unknown`, which are of now."""

    waiting: int
    waiting_rows: tuple[RequestRow, ...]
    pending: int
    executed: int
    executed_rows: tuple[RequestRow, ...]
    trouble: int
    trouble_rows: tuple[RequestRow, ...]
    unknown: int
    by_status: dict[str, int]


def show_overview(
    *,
    workspace_id: UUID,
    person_id: UUID | None,
    now: datetime,
    agents: AgentScope = None,
    reviewed: AgentScope = None,
) -> OverviewPage:
    """Reads alone, in a constant number of queries. `agents`: those that the person sees; `reviewed`: those of which
    requests may wait for them."""
    overview = get_overview(workspace_id=workspace_id, now=now, agents=agents)
    found = find_waiting(workspace_id=workspace_id, person_id=person_id, agents=reviewed)
    waiting = list_waiting(found[:SHOWN])
    rows = show_rows((*waiting, *overview.executed, *overview.troubled), now=now)
    first, second = len(waiting), len(waiting) + len(overview.executed)
    unknown = overview.unfinished.get("unknown", 0)
    return OverviewPage(
        waiting=len(found),
        waiting_rows=rows[:first],
        pending=overview.unfinished.get("pending", 0),
        executed=overview.finished.get("executed", 0),
        executed_rows=rows[first:second],
        trouble=sum(overview.finished.get(status, 0) for status in TROUBLE if status != "unknown") + unknown,
        trouble_rows=rows[second:],
        unknown=unknown,
        by_status=overview.finished,
    )
