"""The matrix as a sheet: every registered field of a workspace with its cells, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from governance.domain.matrix_sheet import Choices, SheetRow, show_cell
from governance.domain.matrix_verdict import Sheet
from governance.models import ApproverGroup, Person, RegisteredField
from governance.selectors.compilation import compile_policy, get_group_members

_COLUMNS = {
    "classification": "classification",
    "permission_level": "ownership__permission_level",
    "allowed_writers": "ownership__allowed_writers",
    "owner_group": "ownership__owner_role",
    "owner_person": "ownership__owner_person__email",
    "source_of_truth": "ownership__source_of_truth",
    "is_golden": "ownership__is_golden",
    "review_required": "ownership__review_required",
    "suggestion_field": "ownership__suggestion_field__name",
    "promote_on_approval": "ownership__promote_on_approval",
    "refresh_after_days": "ownership__refresh_after_days",
    "rollback_method": "ownership__rollback_method",
    "value_format": "ownership__value_format",
    "min_value": "ownership__min_value",
    "max_value": "ownership__max_value",
    "components_field": "ownership__components_field",
    "version_field": "ownership__version_field",
    "is_sensitive": "is_sensitive",
}
# What a field without a matrix row counts as: blocked, with nobody who may write it (PRM-01).
_UNOWNED = {
    "permission_level": "blocked",
    "rollback_method": "revert",
    "is_golden": "no",
    "review_required": "no",
    "promote_on_approval": "no",
}
_ROW = ("id", "connection__name", "object_type", "name", "label", "field_type", "review_state", "ownership__id")


def list_sheet_rows(workspace_id: UUID) -> list[SheetRow]:
    """Every registered field by connection, object and name. One query."""
    rows = RegisteredField.objects.filter(connection__workspace_id=workspace_id)
    ordered = rows.order_by("connection__name", "object_type", "name")
    return [_row(row) for row in ordered.values(*_ROW, *_COLUMNS.values())]


def get_choices(workspace_id: UUID, rows: Collection[SheetRow]) -> Choices:
    """What owner groups, owning people and suggestion fields can be. Two queries."""
    groups = ApproverGroup.objects.filter(workspace_id=workspace_id).values_list("slug", flat=True)
    people = Person.objects.filter(is_active=True, approver_groups__workspace_id=workspace_id).distinct()
    fields: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        fields[row.connection, row.object].add(row.field)
    return Choices(
        groups=frozenset(groups),
        people={email: str(pk) for email, pk in people.values_list("email", "pk")},
        fields={key: frozenset(names) for key, names in fields.items()},
    )


def get_sheet(workspace_id: UUID) -> Sheet:
    """All that edits are judged against. Raises Workspace.DoesNotExist."""
    rows = list_sheet_rows(workspace_id)
    return Sheet(
        rows={row.id: row for row in rows},
        choices=get_choices(workspace_id, rows),
        document=compile_policy(workspace_id=workspace_id).document,
        members=get_group_members(workspace_id),
        ids={row.key: row.id for row in rows},
    )


def _row(row: Mapping[str, Any]) -> SheetRow:
    is_owned = row["ownership__id"] is not None
    cells = {name: show_cell(row[path]) for name, path in _COLUMNS.items()}
    return SheetRow(
        id=str(row["id"]),
        ownership_id=str(row["ownership__id"] or ""),
        connection=row["connection__name"],
        object=row["object_type"],
        field=row["name"],
        label=row["label"],
        type=row["field_type"],
        review_state=row["review_state"],
        cells=cells if is_owned else cells | _UNOWNED,
    )
