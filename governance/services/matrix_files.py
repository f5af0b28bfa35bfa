"""The ownership matrix as a file: out, and in again after a look at what it would change (REG-03)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PureWindowsPath
from uuid import UUID

import msgspec
from django.db import transaction

from audit.domain.event import Actor
from governance.adapters.table_file import Line, TableFileError, read_table, write_csv, write_xlsx
from governance.domain.matrix_sheet import BY_NAME, COLUMNS, INFORMATION, KEYS, SheetRow
from governance.domain.matrix_verdict import RowEdit, SheetError, Verdict
from governance.models import MatrixImport
from governance.selectors.matrix_sheet import list_sheet_rows
from governance.services.matrix_edit import edit_matrix, judge_matrix_edits

HEADER = (*KEYS, *INFORMATION, *BY_NAME)


class ImportDoneError(ValueError):
    """The file was taken already."""

    code = "import_applied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a file would do. `problems` and the verdict's errors by the line of the file, 0 where no line is known."""

    file_name: str
    verdict: Verdict
    problems: tuple[tuple[int, SheetError], ...]
    good_rows: int
    is_applied: bool

    @property
    def changed_rows(self) -> int:
        return len({change.id for change in self.verdict.changes})


def export_matrix(*, workspace_id: UUID, kind: str) -> bytes:
    """The whole matrix as `csv` or `xlsx`. The same rows always give the same bytes."""
    rows = [_cells(row) for row in list_sheet_rows(workspace_id)]
    return write_xlsx(HEADER, rows) if kind == "xlsx" else write_csv(HEADER, rows)


def stage_import(*, workspace_id: UUID, file_name: str, content: bytes, user_id: int, now: datetime) -> UUID:
    """Read a file and keep what it asks for, changing nothing else; returns the id to preview and apply.

    Raises TableFileError when the file as a whole cannot be read. Commits once.
    """
    lines = read_table(content)
    if lines and (missing := [name for name in KEYS if name not in lines[0].cells]):
        raise TableFileError("column_missing", f"the header lacks the column `{missing[0]}`")
    if lines and (unknown := sorted(lines[0].cells.keys() - set(HEADER))):
        raise TableFileError("column_unknown", f"the header names `{unknown[0]}`, which is no column of the matrix")
    rows = {row.key: row for row in list_sheet_rows(workspace_id)}
    edits, problems, places = _read_lines(lines, rows)
    staged = MatrixImport.objects.create(
        workspace_id=workspace_id,
        file_name=PureWindowsPath(file_name).name[:200] or "file",
        edits=msgspec.to_builtins(edits),
        lines=places,
        problems=msgspec.to_builtins(problems),
        uploaded_by_id=user_id,
        created_at=now,
    )
    return staged.pk


def preview_import(*, import_id: UUID) -> Preview:
    """What applying the file would change now, row by row, and what keeps which row from it. Changes nothing."""
    staged = MatrixImport.objects.get(pk=import_id)
    verdict = Verdict()
    if staged.applied_at is None:
        verdict = judge_matrix_edits(workspace_id=staged.workspace_id, edits=_edits(staged))
    return _preview(staged, verdict)


def apply_import(*, import_id: UUID, take_good_ones: bool, actor: Actor, user_id: int | None, now: datetime) -> Preview:
    """Save what the file asks for: all of it or nothing; with `take_good_ones` the sound rows.

    Commits like `edit_matrix`, once for each file. Raises ImportDoneError, LedgerUnavailableError.
    """
    with transaction.atomic():
        staged = MatrixImport.objects.select_for_update().get(pk=import_id)
        if staged.applied_at is not None:
            raise ImportDoneError("this file was taken already")
        if staged.problems and not take_good_ones:
            return _preview(staged, judge_matrix_edits(workspace_id=staged.workspace_id, edits=_edits(staged)))
        verdict = edit_matrix(
            workspace_id=staged.workspace_id,
            edits=_edits(staged),
            actor=actor,
            user_id=user_id,
            now=now,
            take_good_ones=take_good_ones,
        )
        if verdict.changes:
            staged.applied_at = now
            staged.save(update_fields=["applied_at"])
    return _preview(staged, verdict)


def _cells(row: SheetRow) -> tuple[str, ...]:
    information = (row.label, row.type, row.review_state)
    return (*row.key, *information, *(row.cells[column.name] for column in COLUMNS))


def _read_lines(
    lines: Sequence[Line], rows: dict[tuple[str, str, str], SheetRow]
) -> tuple[list[RowEdit], list[tuple[int, SheetError]], dict[str, int]]:
    edits: list[RowEdit] = []
    problems: list[tuple[int, SheetError]] = []
    places: dict[str, int] = {}
    doubled: set[str] = set()
    for line in lines:
        connection, object_type, field = (line.cells[name].strip() for name in KEYS)
        row = rows.get((connection, object_type, field))
        if row is None:
            name = f"{object_type}.{field}"
            message = f"`{connection}` has no field `{name}`: correct the name, or leave the row out"
            problems.append(
                (line.number, SheetError(id="", row=name, column="field", code="row_unknown", message=message))
            )
        elif row.id in places:
            message = f"the same field stands in row {places[row.id]}: keep one of them"
            error = SheetError(id="", row=f"{object_type}.{field}", column="field", code="row_twice", message=message)
            problems.append((line.number, error))
            doubled.add(row.id)  # which of the two is meant, nobody can know
        else:
            places[row.id] = line.number
            cells = {name: text for name, text in line.cells.items() if name in BY_NAME and text != row.cells[name]}
            if cells:
                edits.append(RowEdit(id=row.id, version=row.version, cells=cells))
    return [edit for edit in edits if edit.id not in doubled], problems, places


def _edits(staged: MatrixImport) -> list[RowEdit]:
    return msgspec.convert(staged.edits, list[RowEdit])


def _preview(staged: MatrixImport, verdict: Verdict) -> Preview:
    problems = msgspec.convert(staged.problems, list[tuple[int, SheetError]])
    problems += [(staged.lines.get(error.id, 0), error) for error in verdict.errors]
    good = {edit["id"] for edit in staged.edits} - verdict.bad_rows
    return Preview(
        file_name=staged.file_name,
        verdict=verdict,
        problems=tuple(sorted(problems, key=lambda pair: (pair[0], pair[1].column))),
        good_rows=len({change.id for change in verdict.changes} & good),
        is_applied=staged.applied_at is not None,
    )
