"""Fields that deny at once, whatever the published policy says of them (REG-01)."""

from uuid import UUID

from django.db.models import Exists, Q, QuerySet

from audit.selectors.kept_query import KeptQuery
from governance.domain.facts import ClosedField
from governance.domain.vocabulary import ReviewState
from governance.models import RegisteredField


def list_closed_fields(*, connection_id: UUID, object_type: str) -> tuple[ClosedField, ...]:
    """The fields of an object that were reviewed and have changed or gone since, by name. One query."""
    return tuple(ClosedField(name, state) for name, state in _CLOSED.fetch(connection_id, object_type))


def _list_closed(connection_id: UUID, object_type: str) -> QuerySet[RegisteredField, tuple[str, str]]:
    rows = closed_rows(Q(connection_id=connection_id, object_type=object_type))
    return rows.order_by("name").values_list("name", "review_state")


def closed_rows(where: Q | Exists) -> QuerySet[RegisteredField]:
    """The fields that deny at once, among those that `where` names."""
    return RegisteredField.objects.filter(where, was_reviewed=True).exclude(review_state=ReviewState.REVIEWED)


_CLOSED = KeptQuery(_list_closed)
