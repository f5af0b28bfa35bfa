"""The starter's circuit breakers."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from governance.domain.starter.breakers import OWNER, STARTER_BREAKERS
from governance.models import Breaker, Person, Workspace
from governance.services.config_changes import record_config_change
from governance.services.starter.people import SEED


def load_breakers(*, workspace_id: UUID, now: datetime) -> dict[str, int]:
    """All of them into an empty table; where people keep their own, none. Commits once; returns how many."""
    with transaction.atomic():
        workspace = Workspace.objects.get(pk=workspace_id)
        if Breaker.objects.filter(workspace=workspace).exists():
            return {"breakers": 0}
        owner = Person.objects.get(email=OWNER)
        for rule in STARTER_BREAKERS:
            row = Breaker.objects.create(
                workspace=workspace,
                name=rule.name,
                signal=rule.signal,
                environment=rule.environment,
                actions=list(rule.actions),
                window_seconds=rule.window_seconds,
                min_calls=rule.min_calls,
                ratio=rule.ratio,
                amount=rule.amount,
                currency=rule.currency,
                open_seconds=rule.open_seconds,
                probes=rule.probes,
                reason=rule.reason,
                owner=owner,
            )
            record_config_change(
                workspace_id=workspace_id, row=row, operation="created", fields=["signal"], actor=SEED, now=now
            )
    return {"breakers": len(STARTER_BREAKERS)}
