"""What is new, changed or gone at the CRMs since somebody reviewed it, a page at a time (REG-01)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet

from governance.domain.schema import FieldSchema
from governance.domain.schema_words import tell_difference, tell_shape
from governance.domain.vocabulary import ReviewState
from governance.models import Connection, RegisteredField, SchemaSync
from governance.selectors.field_dependents import Dependent, list_dependents

PAGE = 50
KINDS: dict[str, Q] = {
    "new": Q(review_state=ReviewState.UNREVIEWED, was_reviewed=False),
    "changed": Q(review_state=ReviewState.UNREVIEWED, was_reviewed=True),
    "gone": Q(review_state=ReviewState.GONE, gone_seen_at__isnull=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFilter:
    """Empty members ask for any."""

    kind: str = ""
    connection: str = ""
    object_type: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """One field that waits. `words` say what it is, or what differs from what was reviewed."""

    field: RegisteredField
    kind: str
    words: tuple[str, ...]
    dependents: tuple[Dependent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPage:
    """`total` is of the filter; `counts` by kind and `objects` are of the whole workspace."""

    rows: tuple[ReviewRow, ...]
    total: int
    page: int
    pages: int
    counts: dict[str, int]
    objects: tuple[str, ...]
    connections: tuple[tuple[Connection, SchemaSync | None], ...]


def list_waiting(workspace_id: UUID, wanted: ReviewFilter) -> QuerySet[RegisteredField]:
    """The fields that wait for a person, by connection, object and name."""
    which = KINDS.get(wanted.kind) or KINDS["new"] | KINDS["changed"] | KINDS["gone"]
    rows = RegisteredField.objects.filter(which, connection__workspace_id=workspace_id)
    if wanted.connection:
        rows = rows.filter(connection__name=wanted.connection)
    if wanted.object_type:
        rows = rows.filter(object_type=wanted.object_type)
    if wanted.text:
        rows = rows.filter(Q(name__icontains=wanted.text) | Q(label__icontains=wanted.text))
    return rows.order_by("connection__name", "object_type", "name")


def count_waiting(workspace_id: UUID) -> int:
    """How many fields wait. One query."""
    return list_waiting(workspace_id, ReviewFilter()).count()


def get_review_page(workspace_id: UUID, wanted: ReviewFilter, *, page: int) -> ReviewPage:
    """One page of what waits. Fifteen queries, whatever the number of fields."""
    waiting = list_waiting(workspace_id, wanted)
    total = waiting.count()
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    fields = list(waiting.select_related("connection")[(page - 1) * PAGE : page * PAGE])
    every = list_waiting(workspace_id, ReviewFilter()).order_by()
    objects = every.values_list("object_type", flat=True).distinct()
    return ReviewPage(
        rows=_rows(workspace_id, fields),
        total=total,
        page=page,
        pages=pages,
        counts=every.aggregate(**{kind: Count("pk", filter=which) for kind, which in KINDS.items()}),
        objects=tuple(sorted(objects)),
        connections=_connections(workspace_id),
    )


def _rows(workspace_id: UUID, fields: Sequence[RegisteredField]) -> tuple[ReviewRow, ...]:
    reviewed = _reviewed_shapes([field.pk for field in fields])
    keys = {field.pk: (field.connection.name, field.object_type, field.name) for field in fields}
    dependents = list_dependents(workspace_id, list(keys.values()))
    return tuple(
        ReviewRow(
            field=field,
            kind=kind_of(field),
            words=_words(field, reviewed.get(field.pk)),
            dependents=dependents[keys[field.pk]],
        )
        for field in fields
    )


def kind_of(field: RegisteredField) -> str:
    """new, changed or gone."""
    if field.review_state == ReviewState.GONE:
        return "gone"
    return "changed" if field.was_reviewed else "new"


def shape_of(row: RegisteredField) -> FieldSchema:
    """The field as the CRM's schema has it. Of a version in the row's history: as it had it then."""
    return FieldSchema(
        name=row.name,
        label=row.label,
        type=row.field_type,
        is_read_only=row.is_read_only,
        is_required=row.is_required,
        max_length=row.max_length,
        options=tuple(row.options),
    )


def _words(field: RegisteredField, reviewed: FieldSchema | None) -> tuple[str, ...]:
    match kind_of(field):
        case "gone":
            return ("no longer in the CRM's schema",)
        case "changed" if reviewed is not None:
            return tell_difference(reviewed, shape_of(field)) or ("as it was when it was reviewed; sent back",)
        case _:
            return tell_shape(shape_of(field))


def _reviewed_shapes(ids: Sequence[UUID]) -> dict[UUID, FieldSchema]:
    """How each field looked when it was reviewed last, from its history. One query."""
    history = RegisteredField.history.filter(id__in=ids, review_state=ReviewState.REVIEWED)
    newest = history.order_by().values("id").annotate(newest=Max("history_id")).values("newest")
    return {row.id: shape_of(row) for row in RegisteredField.history.filter(history_id__in=newest)}


def _connections(workspace_id: UUID) -> tuple[tuple[Connection, SchemaSync | None], ...]:
    """Every connection with its newest sync that somebody asked for. Two queries."""
    newest = SchemaSync.objects.filter(connection__workspace_id=workspace_id).order_by().values("connection")
    ids = newest.annotate(newest=Max("created_at"))
    latest = {row["connection"]: row["newest"] for row in ids}
    syncs = SchemaSync.objects.filter(connection__in=latest, created_at__in=latest.values())
    by_connection = {row.connection_id: row for row in syncs if latest[row.connection_id] == row.created_at}
    rows = Connection.objects.filter(workspace_id=workspace_id).order_by("name")
    return tuple((row, by_connection.get(row.pk)) for row in rows)
