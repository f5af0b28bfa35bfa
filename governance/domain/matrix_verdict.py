"""What a set of edits to the ownership matrix would do (REG-03)."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from governance.domain.coherence import find_errors, name_field
from governance.domain.commitment import is_guarded, is_opened
from governance.domain.compile_error import CompileError
from governance.domain.document import PolicyDocument
from governance.domain.matrix_sheet import (
    BY_NAME,
    COLUMN_OF_CODE,
    CellError,
    Choices,
    SheetRow,
    read_cell,
    with_cells,
)
from governance.domain.table_verdict import CellChange, Conflict, RowEdit, SheetError, Verdict


def row_name(row: SheetRow) -> str:
    return f"{row.object}.{row.field}"


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """What edits are judged against. `document` is what the rows say now, `members` is approver group → active people,
    `ids` a row's key → its id."""

    rows: Mapping[str, SheetRow]
    choices: Choices
    document: PolicyDocument
    members: Mapping[str, Collection[str]]
    ids: Mapping[tuple[str, str, str], str]


class _Findings(msgspec.Struct):
    changes: list[CellChange]
    errors: list[SheetError]
    conflicts: list[Conflict]


def judge_edits(edits: Sequence[RowEdit], sheet: Sheet) -> Verdict:
    """Judge all edits together: each cell alone, then the rows against each other as publishing would.

    Contradictions that stand in the document already are not held against these edits.
    """
    found = _Findings([], [], [])
    seen: set[str] = set()
    for edit in edits:
        row = sheet.rows.get(edit.id)
        if row is None or edit.id in seen:
            found.errors.append(_misplaced(edit, row))
            continue
        seen.add(edit.id)
        if edit.version not in ("", row.version):
            found.conflicts.append(Conflict(id=row.id, row=row_name(row), version=row.version, cells=row.cells))
        for name, text in sorted(edit.cells.items()):
            _judge_cell(row, name, text, sheet.choices, found)
    found.errors += _contradictions(found.changes, sheet)
    return Verdict(changes=tuple(found.changes), errors=tuple(found.errors), conflicts=tuple(found.conflicts))


def _misplaced(edit: RowEdit, row: SheetRow | None) -> SheetError:
    if row is None:
        return SheetError(id=edit.id, row=edit.id, column="", code="row_unknown", message="no such field here")
    return SheetError(
        id=row.id, row=row_name(row), column="", code="row_twice", message="the row is edited twice: keep one of them"
    )


def _judge_cell(row: SheetRow, name: str, text: str, choices: Choices, found: _Findings) -> None:
    column = BY_NAME.get(name)
    try:
        if column is None:
            raise CellError("there is no such column")
        after = read_cell(column, text, row, choices) if text != row.cells[name] else text
    except CellError as error:
        found.errors.append(SheetError(id=row.id, row=row_name(row), column=name, code=error.code, message=str(error)))
        return
    if after != row.cells[name]:
        found.changes.append(CellChange(id=row.id, row=row_name(row), column=name, before=row.cells[name], after=after))


def _contradictions(changes: Iterable[CellChange], sheet: Sheet) -> list[SheetError]:
    cells: dict[tuple[str, str, str], dict[str, str]] = {}
    for change in changes:
        cells.setdefault(sheet.rows[change.id].key, {})[change.column] = change.after
    if not cells:
        return []
    fields = tuple(
        with_cells(rule, cells[key], sheet.choices)
        if (key := (rule.connection, rule.object, rule.field)) in cells
        else rule
        for rule in sheet.document.fields
    )
    opened = [
        _takes_two(sheet.rows[sheet.ids[rule.connection, rule.object, rule.field]])
        for old, rule in zip(sheet.document.fields, fields, strict=True)
        if is_guarded(old) and is_opened(old.permission_level, rule.permission_level)
    ]
    known = set(find_errors(sheet.document, sheet.members))
    found = find_errors(msgspec.structs.replace(sheet.document, fields=fields), sheet.members)
    rows = {row.key: row for row in sheet.rows.values()}
    by_name = {name_field(rule): rows.get((rule.connection, rule.object, rule.field)) for rule in fields}
    return opened + [_as_sheet_error(error, by_name.get(error.row)) for error in found if error not in known]


def _takes_two(row: SheetRow) -> SheetError:
    message = "opening stage or lifecycle to agents takes a second person: propose it on the row's own page"
    return SheetError(id=row.id, row=row_name(row), column="permission_level", code="takes_two_people", message=message)


def _as_sheet_error(error: CompileError, row: SheetRow | None) -> SheetError:
    return SheetError(
        id=row.id if row else "",
        row=row_name(row) if row else error.row,
        column=COLUMN_OF_CODE.get(error.code, ""),
        code=error.code,
        message=error.message,
    )
