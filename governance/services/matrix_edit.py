"""Edits of the ownership matrix, many rows at once: judged and saved as a whole, each row on record (REG-03)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from audit.domain.event import Actor
from governance.domain.matrix_sheet import value_of
from governance.domain.matrix_verdict import Sheet, judge_edits
from governance.domain.table_verdict import CellChange, RowEdit, Verdict, sound_changes
from governance.models import FieldOwnership, RegisteredField, User
from governance.selectors.matrix_sheet import get_sheet
from governance.services.config_changes import ConfigChange, record_config_changes

MAX_ROWS = 10_000
_REGISTRY = {"classification": "classification", "is_sensitive": "is_sensitive"}
_OWNERSHIP = {
    "permission_level": "permission_level",
    "allowed_writers": "allowed_writers",
    "owner_group": "owner_role",
    "owner_person": "owner_person_id",
    "source_of_truth": "source_of_truth",
    "is_golden": "is_golden",
    "review_required": "review_required",
    "suggestion_field": "suggestion_field_id",
    "promote_on_approval": "promote_on_approval",
    "refresh_after_days": "refresh_after_days",
    "rollback_method": "rollback_method",
    "value_format": "value_format",
    "min_value": "min_value",
    "max_value": "max_value",
    "components_field": "components_field",
    "version_field": "version_field",
}
_BATCH = 500


class TooManyRowsError(ValueError):
    """One save takes at most `MAX_ROWS` rows."""

    code = "too_many_rows"


def judge_matrix_edits(*, workspace_id: UUID, edits: Sequence[RowEdit]) -> Verdict:
    """What the edits would change, and what is wrong with them. Changes nothing. Raises TooManyRowsError."""
    _ensure_few(edits)
    return judge_edits(edits, get_sheet(workspace_id))


def edit_matrix(
    *,
    workspace_id: UUID,
    edits: Sequence[RowEdit],
    actor: Actor,
    user_id: int | None,
    now: datetime,
    take_good_ones: bool = False,
) -> Verdict:
    """Save the edits, all or none; with `take_good_ones` the rows without error or conflict.

    Locks the edited rows, so that two people who save at once are judged one after the other. Commits the rows, their
    history and one `config.changed` event for each, in a number of statements that does not depend on theirs (up to
    500). The verdict's `changes` are what was saved: empty when anything kept it from being so.
    Raises TooManyRowsError, LedgerUnavailableError.
    """
    _ensure_few(edits)
    with transaction.atomic():
        fields = _lock(workspace_id, edits)
        sheet = get_sheet(workspace_id)
        verdict = judge_edits(edits, sheet)
        changes = verdict.changes
        if not verdict.is_clean:
            again = partial(judge_edits, sheet=sheet)
            changes = sound_changes(edits, verdict, again) if take_good_ones else ()
        if changes:
            user = User.objects.filter(pk=user_id).first() if user_id is not None else None
            noted = _save(changes, fields, sheet, user=user)
            record_config_changes(workspace_id=workspace_id, changes=noted, actor=actor, now=now)
    return Verdict(changes=changes, errors=verdict.errors, conflicts=verdict.conflicts)


def _ensure_few(edits: Sequence[RowEdit]) -> None:
    if len(edits) > MAX_ROWS:
        raise TooManyRowsError(f"at most {MAX_ROWS:,} rows are saved at once")


def _lock(workspace_id: UUID, edits: Sequence[RowEdit]) -> dict[str, RegisteredField]:
    ids = {edit.id for edit in edits if _is_id(edit.id)}
    rows = RegisteredField.objects.select_for_update(of=("self",)).select_related("connection")
    found = rows.filter(connection__workspace_id=workspace_id, pk__in=ids).order_by("pk")
    return {str(row.pk): row for row in found}


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _save(
    changes: Sequence[CellChange], fields: dict[str, RegisteredField], sheet: Sheet, *, user: User | None
) -> list[ConfigChange]:
    """Write every changed row with its history; returns what to put on record."""
    by_row: defaultdict[str, list[CellChange]] = defaultdict(list)
    for change in changes:
        by_row[change.id].append(change)
    owned = {row.field_id: row for row in FieldOwnership.objects.filter(field__in=list(by_row))}
    registered: list[ConfigChange] = []
    updated: list[ConfigChange] = []
    created: list[ConfigChange] = []
    for field_id, cells in by_row.items():
        field = fields[field_id]
        if names := _set(field, cells, _REGISTRY, sheet):
            registered.append(ConfigChange(field, "updated", names))
        is_new = field.pk not in owned
        row = FieldOwnership(field=field) if is_new else owned[field.pk]
        if names := _set(row, cells, _OWNERSHIP, sheet):
            (created if is_new else updated).append(ConfigChange(row, "created" if is_new else "updated", names))
    _update(RegisteredField, registered, user)
    _update(FieldOwnership, updated, user)
    if created:
        rows = [change.row for change in created]
        bulk_create_with_history(rows, FieldOwnership, batch_size=_BATCH, default_user=user)
    return [*registered, *updated, *created]


def _set(
    row: RegisteredField | FieldOwnership, cells: Sequence[CellChange], columns: dict[str, str], sheet: Sheet
) -> list[str]:
    names = []
    for cell in cells:
        if (attribute := columns.get(cell.column)) is not None:
            setattr(row, attribute, _stored(cell, sheet))
            names.append(attribute.removesuffix("_id"))
    return names


def _update(model: type[RegisteredField | FieldOwnership], changes: list[ConfigChange], user: User | None) -> None:
    if changes:
        names = sorted({name for change in changes for name in change.fields})
        rows = [change.row for change in changes]
        bulk_update_with_history(rows, model, names, batch_size=_BATCH, default_user=user)


def _stored(cell: CellChange, sheet: Sheet) -> object:
    """What the model keeps: ids for people and fields, a list for words."""
    value = value_of(cell.column, cell.after, sheet.choices)
    match cell.column:
        case "suggestion_field":
            row = sheet.rows[cell.id]
            return UUID(sheet.ids[row.connection, row.object, cell.after]) if cell.after else None
        case "owner_person":
            return UUID(value) if value else None
        case "allowed_writers":
            return list(value)
        case _:
            return value
