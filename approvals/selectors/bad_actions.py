"""What one person reported, and what became of it (EXC-05)."""

from uuid import UUID

from approvals.models import BadActionReport

LIMIT = 100


def list_own_reports(*, workspace_id: UUID, person_id: UUID | None) -> list[BadActionReport]:
    """The newest hundred of this person. One query."""
    rows = BadActionReport.objects.filter(workspace_id=workspace_id, reporter=f"human:{person_id}")
    return list(
        rows.select_related("case", "request__connection", "request__agent", "request__person").order_by("-id")[:LIMIT]
    )
