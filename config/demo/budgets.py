"""RevOps gives the demo's agents room for a day's work in two minutes, and one of them too little of it."""

from django.db import transaction

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from governance.models import Agent, Anomaly, Breaker, Budget, Workspace
from governance.services.config_changes import record_config_change

WRITES_AN_HOUR = 5_000
"""Sixty are for real life."""
TIGHT = {"agent.enrichment": 150}
"""Its budget runs out on the way."""
BREAKER = "sandbox-bounces"


def size_budgets(workspace: Workspace, actor: Actor) -> None:
    """A size of its own for every agent that has none yet, each row with its ledger event; not published."""
    _widen_anomalies(workspace, actor)
    sized = set(Budget.objects.filter(workspace=workspace, key="agent", unit="writes").values_list("scope", flat=True))
    names = Agent.objects.filter(workspace=workspace).order_by("name").values_list("name", flat=True)
    for name in [name for name in names if name not in sized]:
        with transaction.atomic():
            row = Budget.objects.create(
                workspace=workspace,
                key="agent",
                unit="writes",
                window="hour",
                scope=name,
                limit=TIGHT.get(name, WRITES_AN_HOUR),
            )
            record_config_change(
                workspace_id=workspace.pk,
                row=row,
                operation="created",
                fields=["limit", "scope"],
                actor=actor,
                now=get_now(),
            )


def _widen_anomalies(workspace: Workspace, actor: Actor) -> None:
    """A day's work in two minutes is unusual anywhere else: here it must not stop the agents."""
    for row in Anomaly.objects.filter(workspace=workspace, signal="volume", floor__lt=WRITES_AN_HOUR):
        with transaction.atomic():
            row.floor = WRITES_AN_HOUR
            row.save(update_fields=["floor"])
            record_config_change(
                workspace_id=workspace.pk, row=row, operation="updated", fields=["floor"], actor=actor, now=get_now()
            )


def make_breaker_quick(workspace: Workspace, actor: Actor) -> None:
    """One bounce is enough here: a demo sends few e-mails. The row with its ledger event; not published."""
    row = Breaker.objects.filter(workspace=workspace, name=BREAKER).first()
    if row is None or row.min_calls == 1:
        return
    with transaction.atomic():
        row.min_calls = 1
        row.save(update_fields=["min_calls"])
        record_config_change(
            workspace_id=workspace.pk, row=row, operation="updated", fields=["min_calls"], actor=actor, now=get_now()
        )
