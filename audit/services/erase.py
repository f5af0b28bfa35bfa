"""Erasing personal data from the ledger's side table: the proof stays whole (AUD-07)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.models import ErasableValues, LedgerEvent
from audit.services.append import append_events


def erase_values(
    *, event_ids: Sequence[UUID], actor: Actor, reason_code: str, correlation_id: str, now: datetime
) -> int:
    """Delete the kept values and salts of events, and record that it was done; returns how many events lost theirs.

    Commits one transaction. What remains is a commitment that tells nothing without its salt. Raises as append_events.
    """
    with transaction.atomic():
        kept = ErasableValues.objects.filter(event_id__in=list(event_ids)).values_list("event_id", flat=True)
        rows = LedgerEvent.objects.filter(id__in=list(kept)).values_list("id", "workspace")
        events = [
            NewEvent(
                type="ledger.values_erased",
                workspace=workspace,
                actor=actor,
                subject=Subject("ledger_event", str(event_id)),
                correlation_id=correlation_id,
                data={"reason_code": reason_code},
            )
            for event_id, workspace in rows
        ]
        append_events(events, now=now)
        ErasableValues.objects.filter(event_id__in=[event_id for event_id, _ in rows]).delete()
    return len(events)
