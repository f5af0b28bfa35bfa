"""A table as a file: out, and in again after a look at what it would change (REG-03, REG-10).

What a table is made of, it says itself in a `FileTable`; files, dry runs and the taking of good rows are the same.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PureWindowsPath
from typing import Protocol
from uuid import UUID

import msgspec
from django.db import transaction

from audit.domain.event import Actor
from governance.adapters.table_file import Line, TableFileError, read_table, write_csv, write_xlsx
from governance.domain.table_verdict import RowEdit, SheetError, Verdict
from governance.models import TableImport


class ImportDoneError(ValueError):
    """The file was taken already."""

    code = "import_applied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The row that a line of a file is about. `cells` is column → text as it is now."""

    id: str
    name: str
    version: str
    cells: dict[str, str]


Identify = Callable[[Line], Target | SheetError]


class Save(Protocol):
    """Saves edits as a whole; with `take_good_ones` the sound ones. The verdict's `changes` are what was saved."""

    def __call__(
        self,
        *,
        workspace_id: UUID,
        edits: Sequence[RowEdit],
        actor: Actor,
        user_id: int | None,
        now: datetime,
        take_good_ones: bool = False,
    ) -> Verdict: ...


class Judge(Protocol):
    """What edits would change; changes nothing."""

    def __call__(self, *, workspace_id: UUID, edits: Sequence[RowEdit]) -> Verdict: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTable:
    """One table: `header` names the file's columns, `keys` those it must have, `columns` those that can be edited,
    `key_column` where a line that is about no row is marked. `identify` prepares, for a workspace, what tells the row
    of a line."""

    name: str
    words: str
    keys: tuple[str, ...]
    header: tuple[str, ...]
    columns: frozenset[str]
    key_column: str
    rows: Callable[[UUID], Iterable[Sequence[str]]]
    identify: Callable[[UUID], Identify]
    judge: Judge
    save: Save


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


def export_table(*, table: FileTable, workspace_id: UUID, kind: str) -> bytes:
    """The whole table as `csv` or `xlsx`. The same rows always give the same bytes."""
    rows = table.rows(workspace_id)
    return write_xlsx(table.header, rows, title=table.name) if kind == "xlsx" else write_csv(table.header, rows)


def stage_import(
    *, table: FileTable, workspace_id: UUID, file_name: str, content: bytes, user_id: int, now: datetime
) -> UUID:
    """Read a file and keep what it asks for, changing nothing else; returns the id to preview and apply.

    Raises TableFileError when the file as a whole cannot be read. Commits once.
    """
    lines = read_table(content)
    if lines and (missing := [name for name in table.keys if name not in lines[0].cells]):
        raise TableFileError("column_missing", f"the header lacks the column `{missing[0]}`")
    if lines and (unknown := sorted(lines[0].cells.keys() - set(table.header))):
        raise TableFileError("column_unknown", f"the header names `{unknown[0]}`, which is no column of {table.words}")
    edits, problems, places = _read_lines(lines, table, table.identify(workspace_id))
    staged = TableImport.objects.create(
        workspace_id=workspace_id,
        table=table.name,
        file_name=PureWindowsPath(file_name).name[:200] or "file",
        edits=msgspec.to_builtins(edits),
        lines=places,
        problems=msgspec.to_builtins(problems),
        uploaded_by_id=user_id,
        created_at=now,
    )
    return staged.pk


def preview_import(*, table: FileTable, import_id: UUID) -> Preview:
    """What applying the file would change now, row by row, and what keeps which row from it. Changes nothing.

    Raises TableImport.DoesNotExist, also for a file of another table.
    """
    staged = TableImport.objects.get(pk=import_id, table=table.name)
    verdict = Verdict()
    if staged.applied_at is None:
        verdict = table.judge(workspace_id=staged.workspace_id, edits=_edits(staged))
    return _preview(staged, verdict)


def apply_import(
    *, table: FileTable, import_id: UUID, take_good_ones: bool, actor: Actor, user_id: int | None, now: datetime
) -> Preview:
    """Save what the file asks for: all of it or nothing; with `take_good_ones` the sound rows.

    Commits what the table's `save` does, once for each file. Raises ImportDoneError, LedgerUnavailableError,
    TableImport.DoesNotExist.
    """
    with transaction.atomic():
        staged = TableImport.objects.select_for_update().get(pk=import_id, table=table.name)
        if staged.applied_at is not None:
            raise ImportDoneError("this file was taken already")
        if staged.problems and not take_good_ones:
            return _preview(staged, table.judge(workspace_id=staged.workspace_id, edits=_edits(staged)))
        verdict = table.save(
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


def _read_lines(
    lines: Sequence[Line], table: FileTable, identify: Identify
) -> tuple[list[RowEdit], list[tuple[int, SheetError]], dict[str, int]]:
    edits: list[RowEdit] = []
    problems: list[tuple[int, SheetError]] = []
    places: dict[str, int] = {}
    doubled: set[str] = set()
    for line in lines:
        target = identify(line)
        if isinstance(target, SheetError):
            problems.append((line.number, target))
        elif target.id in places:
            message = f"the same {table.key_column} stands in row {places[target.id]}: keep one of them"
            error = SheetError(id="", row=target.name, column=table.key_column, code="row_twice", message=message)
            problems.append((line.number, error))
            doubled.add(target.id)  # which of the two is meant, nobody can know
        else:
            places[target.id] = line.number
            cells = {
                name: text
                for name, text in line.cells.items()
                if name in table.columns and text != target.cells.get(name, "")
            }
            if cells:
                edits.append(RowEdit(id=target.id, version=target.version, cells=cells))
    return [edit for edit in edits if edit.id not in doubled], problems, places


def _edits(staged: TableImport) -> list[RowEdit]:
    return msgspec.convert(staged.edits, list[RowEdit])


def _preview(staged: TableImport, verdict: Verdict) -> Preview:
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
