"""Which fields of a CRM somebody governs: those with a row in the ownership matrix, or of the Revenue 20."""

from uuid import UUID

from django.db.models import Q

from governance.domain.vocabulary import ReviewState
from governance.models import RegisteredField

_GOVERNED = (Q(ownership__isnull=False) | Q(revenue_field__isnull=False)) & Q(is_read_only=False)


def list_governed_objects() -> list[tuple[UUID, str]]:
    """Connection and object of every active connection's governed fields. One query."""
    rows = RegisteredField.objects.filter(_GOVERNED, connection__is_active=True).exclude(review_state=ReviewState.GONE)
    return list(rows.order_by("connection_id", "object_type").values_list("connection_id", "object_type").distinct())


def list_governed_fields(connection_id: UUID, object_type: str) -> list[str]:
    """By name. One query."""
    rows = RegisteredField.objects.filter(_GOVERNED, connection_id=connection_id, object_type=object_type)
    return list(rows.exclude(review_state=ReviewState.GONE).order_by("name").values_list("name", flat=True))
