"""Fields that deny at once, whatever the published policy says of them (REG-01)."""

from uuid import UUID

from governance.domain.facts import ClosedField
from governance.domain.vocabulary import ReviewState
from governance.models import RegisteredField


def list_closed_fields(*, connection_id: UUID, object_type: str) -> tuple[ClosedField, ...]:
    """The fields of an object that were reviewed and have changed or gone since, by name. One query."""
    rows = RegisteredField.objects.filter(connection_id=connection_id, object_type=object_type, was_reviewed=True)
    found = rows.exclude(review_state=ReviewState.REVIEWED).order_by("name").values_list("name", "review_state")
    return tuple(ClosedField(name, state) for name, state in found)
