"""The field registry follows the CRM's schema; people review what is new (REG-01)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.domain.registry_sync import Key, KnownField, SchemaChange, schema_change
from governance.domain.schema import FieldSchema, Schema
from governance.domain.vocabulary import Classification, ReviewState
from governance.models import Connection, RegisteredField
from governance.selectors.option_labels import forget_option_labels

_SHAPE = ["label", "field_type", "options", "option_labels", "is_read_only", "is_required", "max_length"]
_REVIEW = ["review_state", "was_reviewed", "gone_seen_at"]
_NAMES_SHOWN = 200  # of each kind, so that a first sync of a huge CRM still fits one event


class ReviewError(ValueError):
    """The review cannot be recorded."""

    code = "review_refused"


def record_schema(*, connection_id: UUID, schema: Schema, now: datetime) -> SchemaChange:
    """Bring the registry in line with the schema; returns what changed.

    New fields and fields with a new shape are unreviewed (a changed one keeps its classification), fields that the
    schema lost are gone. Commits rows, history and one `schema.synced` event in one transaction, in a number of queries
    that does not depend on the number of fields; nothing at all when nothing changed.
    Raises Connection.DoesNotExist, LedgerUnavailableError.
    """
    with transaction.atomic():
        connection = (
            Connection.objects.select_for_update(of=("self",)).select_related("workspace").get(pk=connection_id)
        )
        rows = {(row.object_type, row.name): row for row in RegisteredField.objects.filter(connection=connection)}
        change = schema_change({key: _known(row) for key, row in rows.items()}, schema)
        if change.is_empty:
            return change
        _create(connection, change.added)
        _update(rows, change)
        append_event(_synced(connection, change), now=now)
        transaction.on_commit(forget_option_labels)
    return change


def review_fields(
    *,
    field_ids: Iterable[UUID],
    state: str,
    classification: str | None,
    actor: Actor,
    now: datetime,
) -> int:
    """A person has looked at these fields: they become `state`, and `classification` if one is given; returns how many.

    Commits rows, history and one `fields.reviewed` event. Raises ReviewError for fields that are gone, for an
    unclassified result, for fields of several workspaces, and for states other than reviewed and unreviewed.
    """
    if state not in {ReviewState.REVIEWED, ReviewState.UNREVIEWED}:
        raise ReviewError(f"`{state}` is not for people to set")
    with transaction.atomic():
        rows = list(
            RegisteredField.objects.select_for_update(of=("self",))
            .select_related("connection__workspace")
            .filter(pk__in=list(field_ids))
            .order_by("object_type", "name")
        )
        _ensure_reviewable(rows, state, classification)
        if not rows:
            return 0
        for row in rows:
            _close(row, state)
            row.classification = classification or row.classification
        bulk_update_with_history(rows, RegisteredField, [*_REVIEW, "classification"], batch_size=500)
        append_event(_reviewed(rows, state, classification, actor), now=now)
    return len(rows)


def _ensure_reviewable(rows: Sequence[RegisteredField], state: str, classification: str | None) -> None:
    if classification is not None and classification not in set(Classification):
        raise ReviewError(f"`{classification}` is not a classification")
    if len({row.connection.workspace_id for row in rows}) > 1:
        raise ReviewError("review the fields of one workspace at a time")
    for row in rows:
        if row.review_state == ReviewState.GONE:
            raise ReviewError(f"`{row.object_type}.{row.name}` is gone from the CRM's schema")
        if state == ReviewState.REVIEWED and (classification or row.classification) == Classification.UNCLASSIFIED:
            raise ReviewError(f"classify `{row.object_type}.{row.name}`: an unclassified field counts as not reviewed")


def _known(row: RegisteredField) -> KnownField:
    shape = FieldSchema(
        name=row.name,
        label=row.label,
        type=row.field_type,
        is_read_only=row.is_read_only,
        is_required=row.is_required,
        max_length=row.max_length,
        options=tuple(row.options),
        option_labels=row.option_labels,
    )
    return KnownField(shape, row.review_state)


def _create(connection: Connection, added: Iterable[tuple[str, FieldSchema]]) -> None:
    rows = [
        _shape(RegisteredField(connection=connection, object_type=object_type, name=field.name), field)
        for object_type, field in added
    ]
    if rows:
        bulk_create_with_history(rows, RegisteredField, batch_size=500)


def _update(rows: dict[Key, RegisteredField], change: SchemaChange) -> None:
    touched = []
    for object_type, field in (*change.changed, *change.relabelled):
        touched.append(_shape(rows[object_type, field.name], field))
    for object_type, field in change.changed:
        _close(rows[object_type, field.name], ReviewState.UNREVIEWED)
    touched += [_close(rows[key], ReviewState.GONE) for key in change.gone]
    if touched:
        bulk_update_with_history(touched, RegisteredField, [*_SHAPE, *_REVIEW], batch_size=500)


def _close(row: RegisteredField, state: str) -> RegisteredField:
    """From here on the field denies, also under a policy that was published while it was reviewed."""
    row.was_reviewed = row.was_reviewed or row.review_state == ReviewState.REVIEWED
    row.review_state, row.gone_seen_at = state, None
    return row


def _shape(row: RegisteredField, field: FieldSchema) -> RegisteredField:
    row.label, row.field_type, row.options = field.label, field.type, list(field.options)
    row.option_labels = field.option_labels
    row.is_read_only, row.is_required, row.max_length = field.is_read_only, field.is_required, field.max_length
    return row


def _synced(connection: Connection, change: SchemaChange) -> NewEvent:
    names = {
        "added": [f"{object_type}.{field.name}" for object_type, field in change.added],
        "changed": [f"{object_type}.{field.name}" for object_type, field in change.changed],
        "gone": [f"{object_type}.{name}" for object_type, name in change.gone],
    }
    return NewEvent(
        type="schema.synced",
        workspace=connection.workspace.slug,
        actor=Actor("system", "schema_sync"),
        subject=Subject("connection", str(connection.pk)),
        correlation_id=f"schema-{connection.pk}",
        data={
            "connection": connection.name,
            "counts": {
                **{kind: len(listed) for kind, listed in names.items()},
                "relabelled": len(change.relabelled),
            },
            **{kind: listed[:_NAMES_SHOWN] for kind, listed in names.items()},
        },
    )


def _reviewed(rows: Sequence[RegisteredField], state: str, classification: str | None, actor: Actor) -> NewEvent:
    connection = rows[0].connection
    return NewEvent(
        type="fields.reviewed",
        workspace=connection.workspace.slug,
        actor=actor,
        subject=Subject("connection", str(connection.pk)),
        correlation_id=f"review-{connection.pk}",
        data={
            "state": state,
            "classification": classification or "",
            "count": len(rows),
            "fields": [f"{row.object_type}.{row.name}" for row in rows][:_NAMES_SHOWN],
        },
    )
