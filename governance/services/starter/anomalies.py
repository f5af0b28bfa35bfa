"""The starter's anomaly stops."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from governance.domain.starter.anomalies import STARTER_ANOMALIES
from governance.models import Anomaly, Workspace
from governance.services.config_changes import record_config_change
from governance.services.starter.people import SEED


def load_anomalies(*, workspace_id: UUID, now: datetime) -> dict[str, int]:
    """All of them into an empty table; where people keep lines of their own, none. Commits once; returns how many."""
    with transaction.atomic():
        workspace = Workspace.objects.get(pk=workspace_id)
        if Anomaly.objects.filter(workspace=workspace).exists():
            return {"anomalies": 0}
        for rule in STARTER_ANOMALIES:
            row = Anomaly.objects.create(
                workspace=workspace, signal=rule.signal, window=rule.window, floor=rule.floor, factor=rule.factor
            )
            record_config_change(
                workspace_id=workspace_id, row=row, operation="created", fields=["floor"], actor=SEED, now=now
            )
    return {"anomalies": len(STARTER_ANOMALIES)}
