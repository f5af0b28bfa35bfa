"""Exports of the ledger for their page."""

from uuid import UUID

from approvals.models import ExportPlan, LedgerExport

SHOWN = 50


def list_exports(workspace_id: UUID) -> list[LedgerExport]:
    """The newest. One query."""
    rows = LedgerExport.objects.filter(workspace_id=workspace_id).select_related("person")
    return list(rows.order_by("-id")[:SHOWN])


def list_plans(workspace_id: UUID) -> list[ExportPlan]:
    """Soonest first. One query."""
    return list(ExportPlan.objects.filter(workspace_id=workspace_id).select_related("person").order_by("next_at"))
