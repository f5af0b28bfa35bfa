"""What became of the values that agents wrote."""

from datetime import datetime
from uuid import UUID

from approvals.domain.overwriting import Fate
from approvals.models import WrittenField


def list_feedback(request_id: UUID) -> tuple[tuple[str, datetime], ...]:
    """Fields of this request that a person overwrote, and when. One query; neither who nor what."""
    rows = WrittenField.objects.filter(request_id=request_id, fate=Fate.OVERWRITTEN).order_by("fate_at", "field")
    return tuple((row.field, row.fate_at) for row in rows if row.fate_at is not None)
