"""The ownership matrix as a file (REG-03)."""

from collections.abc import Iterator
from uuid import UUID

from governance.adapters.table_file import Line
from governance.domain.matrix_sheet import BY_NAME, COLUMNS, INFORMATION, KEYS
from governance.domain.matrix_verdict import row_name
from governance.domain.table_verdict import SheetError
from governance.selectors.matrix_sheet import list_sheet_rows
from governance.services.matrix_edit import edit_matrix, judge_matrix_edits
from governance.services.table_files import FileTable, Identify, Target


def _rows(workspace_id: UUID) -> Iterator[tuple[str, ...]]:
    for row in list_sheet_rows(workspace_id):
        information = (row.label, row.type, row.review_state)
        yield (*row.key, *information, *(row.cells[column.name] for column in COLUMNS))


def _identify(workspace_id: UUID) -> Identify:
    rows = {row.key: row for row in list_sheet_rows(workspace_id)}

    def find(line: Line) -> Target | SheetError:
        connection, object_type, field = (line.cells[name].strip() for name in KEYS)
        row = rows.get((connection, object_type, field))
        if row is None:
            name = f"{object_type}.{field}"
            message = f"`{connection}` has no field `{name}`: correct the name, or leave the row out"
            return SheetError(id="", row=name, column="field", code="row_unknown", message=message)
        return Target(id=row.id, name=row_name(row), version=row.version, cells=row.cells)

    return find


MATRIX = FileTable(
    name="matrix",
    words="the matrix",
    keys=KEYS,
    header=(*KEYS, *INFORMATION, *BY_NAME),
    columns=frozenset(BY_NAME),
    key_column="field",
    rows=_rows,
    identify=_identify,
    judge=judge_matrix_edits,
    save=edit_matrix,
)
"""Fields are never made by a file: a line about an unknown one is an error."""
