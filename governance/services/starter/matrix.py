"""The starter's matrix: reviews, classes, owners and suggestion fields of the embedded CRM's fields."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from governance.domain.starter.matrix import (
    PROVENANCE,
    PROVENANCE_OBJECTS,
    STAGE_REQUIREMENTS,
    MatrixRow,
    matrix_row,
)
from governance.domain.vocabulary import Classification, ReviewState
from governance.models import (
    Connection,
    FieldOwnership,
    ProvenanceFields,
    RegisteredField,
    RevenueField,
    StageRequirement,
)
from governance.services.config_changes import record_config_change
from governance.services.starter.people import SEED
from governance.services.starter.revenue20 import revenue_fields


def load_matrix(*, connection_id: UUID, now: datetime) -> dict[str, int]:
    """Review, classify and own the fields that the starter knows and nobody has touched; returns how many.

    A field with a matrix row or a classification of its own is left as people made it. Commits once.
    """
    with transaction.atomic():
        connection = Connection.objects.get(pk=connection_id)
        fields = {(row.object_type, row.name): row for row in RegisteredField.objects.filter(connection=connection)}
        fresh = {key: row for key, row in _fresh(fields).items() if matrix_row(*key) is not None}
        owned = _own(connection, fields, fresh)
        stages = _load_stages(connection, fields)
        provenance = _load_provenance(connection, fields)
        if owned or stages or provenance:
            changed = ["fields", "ownership", "stage_requirements", "provenance"]
            record_config_change(
                workspace_id=connection.workspace_id,
                row=connection,
                operation="updated",
                fields=changed,
                actor=SEED,
                now=now,
            )
    return {"matrix_rows": owned, "stage_requirements": stages, "provenance_fields": provenance}


def _fresh(fields: dict[tuple[str, str], RegisteredField]) -> dict[tuple[str, str], RegisteredField]:
    owned = set(FieldOwnership.objects.filter(field__in=fields.values()).values_list("field_id", flat=True))
    return {
        key: row
        for key, row in fields.items()
        if row.pk not in owned
        and row.review_state == ReviewState.UNREVIEWED
        and row.classification == Classification.UNCLASSIFIED
    }


def _own(
    connection: Connection,
    fields: dict[tuple[str, str], RegisteredField],
    fresh: dict[tuple[str, str], RegisteredField],
) -> int:
    by_name = {row.name: row for row in RevenueField.objects.filter(workspace_id=connection.workspace_id)}
    by_field = {item.names_by_kind["embedded"]: by_name.get(item.name) for item in revenue_fields()}
    ownerships = []
    for (object_type, name), row in fresh.items():
        starter = matrix_row(object_type, name)
        if starter is None:
            continue
        row.review_state, row.classification = ReviewState.REVIEWED, starter.classification
        row.is_sensitive = starter.is_sensitive
        row.revenue_field = by_field.get(name) if object_type in {"companies", "contacts", "leads", "deals"} else None
        ownerships.append(_ownership(row, starter, fields.get((object_type, starter.suggestion_field))))
    if ownerships:
        names = ["review_state", "classification", "is_sensitive", "revenue_field"]
        bulk_update_with_history(list(fresh.values()), RegisteredField, names, batch_size=500)
        bulk_create_with_history(ownerships, FieldOwnership, batch_size=500)
    return len(ownerships)


def _ownership(row: RegisteredField, starter: MatrixRow, suggestion: RegisteredField | None) -> FieldOwnership:
    return FieldOwnership(
        field=row,
        owner_role=starter.owner_role,
        source_of_truth=starter.source_of_truth,
        permission_level=starter.permission_level,
        allowed_writers=[writer.value for writer in starter.allowed_writers],
        is_golden=starter.is_golden,
        suggestion_field=suggestion,
        rollback_method=starter.rollback_method,
        refresh_after_days=starter.refresh_after_days,
    )


def _load_stages(connection: Connection, fields: dict[tuple[str, str], RegisteredField]) -> int:
    count = 0
    for object_type, stage_field, stage, required in STAGE_REQUIREMENTS:
        if (object_type, stage_field) not in fields:
            continue
        _, is_new = StageRequirement.objects.get_or_create(
            connection=connection,
            object_type=object_type,
            stage_field=stage_field,
            stage=stage,
            defaults={"required_fields": list(required)},
        )
        count += is_new
    return count


def _load_provenance(connection: Connection, fields: dict[tuple[str, str], RegisteredField]) -> int:
    """Where people have mapped an object themselves, theirs stays."""
    count = 0
    for object_type in PROVENANCE_OBJECTS:
        if all((object_type, name) in fields for name in PROVENANCE.values()):
            _, is_new = ProvenanceFields.objects.get_or_create(
                connection=connection, object_type=object_type, defaults=PROVENANCE
            )
            count += is_new
    return count
