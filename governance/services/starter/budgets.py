"""The starter's budgets."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from governance.domain.starter.budgets import STARTER_BUDGETS
from governance.models import Budget, Workspace
from governance.services.config_changes import record_config_change
from governance.services.starter.people import SEED


def load_budgets(*, workspace_id: UUID, now: datetime) -> dict[str, int]:
    """All of them into an empty table; where people keep sizes of their own, none. Commits once; returns how many."""
    with transaction.atomic():
        workspace = Workspace.objects.get(pk=workspace_id)
        if Budget.objects.filter(workspace=workspace).exists():
            return {"budgets": 0}
        for rule in STARTER_BUDGETS:
            row = Budget.objects.create(
                workspace=workspace,
                key=rule.key,
                unit=rule.unit,
                window=rule.window,
                limit=rule.limit,
                currency=rule.currency,
            )
            record_config_change(
                workspace_id=workspace_id, row=row, operation="created", fields=["limit"], actor=SEED, now=now
            )
    return {"budgets": len(STARTER_BUDGETS)}
