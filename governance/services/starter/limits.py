"""All that the starter says of how much agents may do, and when they are stopped."""

from datetime import datetime
from uuid import UUID

from governance.services.starter.anomalies import load_anomalies
from governance.services.starter.breakers import load_breakers
from governance.services.starter.budgets import load_budgets


def load_limits(*, workspace_id: UUID, now: datetime) -> dict[str, int]:
    """Budgets, circuit breakers and anomaly stops, each into an empty table only. Commits thrice; returns how many."""
    counts = load_budgets(workspace_id=workspace_id, now=now)
    counts |= load_breakers(workspace_id=workspace_id, now=now)
    return counts | load_anomalies(workspace_id=workspace_id, now=now)
