"""The starter's frequency caps."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from governance.domain.starter.frequency import STARTER_CAPS
from governance.models import FrequencyCap, Person, Workspace
from governance.services.config_changes import record_config_change
from governance.services.starter.people import SEED


def load_frequency_caps(*, workspace_id: UUID, now: datetime) -> dict[str, int]:
    """All of them into an empty table; where people keep caps of their own, none. Commits once; returns how many."""
    with transaction.atomic():
        workspace = Workspace.objects.get(pk=workspace_id)
        if FrequencyCap.objects.filter(workspace=workspace).exists():
            return {"frequency_caps": 0}
        people = {person.email: person for person in Person.objects.all()}
        for rule in STARTER_CAPS:
            row = FrequencyCap.objects.create(
                workspace=workspace,
                key=rule.key,
                name=rule.name,
                owner=people[rule.owner],
                reason=rule.reason,
                max_touches=rule.max_touches,
                window_hours=rule.window_hours,
                min_gap_hours=rule.min_gap_hours,
                stops_after=list(rule.stops_after),
                channels=list(rule.channels),
            )
            record_config_change(
                workspace_id=workspace_id, row=row, operation="created", fields=["key"], actor=SEED, now=now
            )
    return {"frequency_caps": len(STARTER_CAPS)}
