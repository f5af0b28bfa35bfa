"""The do-not-contact list as a CSV that the import reads back (DNC-04)."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.adapters.csv_stream import stream_csv
from governance.domain.dnc_csv import COLUMNS
from governance.models import DncEntry, Workspace
from governance.selectors.access import ensure_may

ROWS_A_QUERY = 5_000
_READ = ("id", "kind", "value", "reason", "source", "brand", "effective_from", "effective_until")


def export_dnc(*, workspace_id: UUID, actor: Actor, user_id: int, now: datetime) -> Iterator[bytes]:
    """Every entry that holds now or later, oldest first, as pieces of a CSV; addresses of people each on a line.

    Commits `dnc.exported` before the first piece: whoever stops half-way has taken entries too. Entries erased since
    have no text to export. Raises NotAllowedError, LedgerUnavailableError.
    """
    ensure_may(user_id=user_id, permission="manage_dnc", workspace_id=workspace_id)
    slug = Workspace.objects.values_list("slug", flat=True).get(pk=workspace_id)
    event = NewEvent(
        type="dnc.exported",
        workspace=slug,
        actor=actor,
        subject=Subject("dnc_list", slug),
        correlation_id=f"dnc-export-{workspace_id}",
        data={"as_of": now.isoformat(), "format": "csv"},
    )
    with transaction.atomic():
        append_event(event, now=now)
    return stream_csv(COLUMNS, _rows(workspace_id, now))


def _rows(workspace_id: UUID, now: datetime) -> Iterator[tuple[str, ...]]:
    holding = Q(effective_until__isnull=True) | Q(effective_until__gt=now)
    rows = DncEntry.objects.filter(holding, workspace_id=workspace_id, removed_at__isnull=True).exclude(value="")
    page = list(rows.order_by("id").values_list(*_READ)[:ROWS_A_QUERY])
    while page:
        for _, *texts, start, end in page:
            yield *(str(text) for text in texts), start.isoformat(), end.isoformat() if end else ""
        page = list(rows.filter(id__gt=page[-1][0]).order_by("id").values_list(*_READ)[:ROWS_A_QUERY])
