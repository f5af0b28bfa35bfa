"""The starter's workspace, its embedded connection and the Revenue 20."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from governance.domain.vocabulary import Environment
from governance.models import Connection, RevenueField, Workspace
from governance.services.config_changes import record_config_change
from governance.services.starter.people import SEED
from governance.services.starter.revenue20 import revenue_fields


def load_workspace(*, now: datetime) -> tuple[UUID, UUID, dict[str, int]]:
    """The workspace `default`, its connection `embedded` (sandbox) and the Revenue 20: both ids, and what is new.

    Commits once.
    """
    with transaction.atomic():
        workspace, is_new_workspace = Workspace.objects.get_or_create(slug="default", defaults={"name": "Revenue team"})
        if is_new_workspace:
            _note(workspace.pk, workspace, now)
        connection, is_new_connection = Connection.objects.get_or_create(
            workspace=workspace, name="embedded", defaults={"kind": "embedded", "environment": Environment.SANDBOX}
        )
        if is_new_connection:
            _note(workspace.pk, connection, now)
        fields = _load_revenue_fields(workspace, now)
    counts = {"workspaces": int(is_new_workspace), "connections": int(is_new_connection), "revenue_fields": fields}
    return workspace.pk, connection.pk, counts


def _load_revenue_fields(workspace: Workspace, now: datetime) -> int:
    """All twenty into an empty table; where people keep their own list, nothing."""
    if RevenueField.objects.filter(workspace=workspace).exists():
        return 0
    for field in revenue_fields():
        RevenueField.objects.create(
            workspace=workspace,
            position=field.position,
            name=field.name,
            names_by_kind=field.names_by_kind,
            owner_role=field.owner_role,
        )
    record_config_change(
        workspace_id=workspace.pk, row=workspace, operation="updated", fields=["revenue_fields"], actor=SEED, now=now
    )
    return len(revenue_fields())


def _note(workspace_id: UUID, row: Workspace | Connection, now: datetime) -> None:
    record_config_change(workspace_id=workspace_id, row=row, operation="created", fields=["name"], actor=SEED, now=now)
