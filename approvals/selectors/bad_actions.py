"""What one person reported, and what became of it (EXC-05)."""

from uuid import UUID

from approvals.models import BadActionReport
from approvals.selectors.of_agents import requests_of
from governance.selectors.held import AgentScope

LIMIT = 100


def list_own_reports(*, workspace_id: UUID, person_id: UUID | None, agents: AgentScope = None) -> list[BadActionReport]:
    """The newest hundred of this person, on what these agents did. One query."""
    rows = BadActionReport.objects.filter(
        requests_of(agents, "request__"), workspace_id=workspace_id, reporter=f"human:{person_id}"
    )
    return list(
        rows.select_related("case", "request__connection", "request__agent", "request__person").order_by("-id")[:LIMIT]
    )
