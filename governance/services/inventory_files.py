"""The inventory of systems and write paths as a file (REG-10)."""

from collections.abc import Iterator
from uuid import UUID

from governance.adapters.table_file import Line
from governance.domain.inventory_sheet import COLUMNS, HEADER, KEYS, key_problem, row_id, row_of
from governance.domain.table_verdict import SheetError
from governance.selectors.inventory_sheet import get_inventory, list_inventory_rows
from governance.services.inventory_edit import edit_inventory, judge_inventory_edits
from governance.services.table_files import FileTable, Identify, Target


def _rows(workspace_id: UUID) -> Iterator[tuple[str, ...]]:
    for row in list_inventory_rows(workspace_id):
        kind, *others = (row.cells[column] for column in COLUMNS)
        yield (kind, row.connection, row.name, *others)


def _identify(workspace_id: UUID) -> Identify:
    inventory = get_inventory(workspace_id)

    def find(line: Line) -> Target | SheetError:
        kind, connection, name = (line.cells[column].strip() for column in KEYS)
        problem = key_problem(kind=kind, connection=connection, name=name, inventory=inventory)
        if problem is not None:
            column, message = problem
            return SheetError(id="", row=name, column=column, code="row_unknown", message=message)
        row = row_of(inventory, row_id(connection, name))
        return Target(id=row.id, name=name, version=row.version, cells=dict(row.cells))

    return find


INVENTORY = FileTable(
    name="inventory",
    words="the inventory",
    keys=KEYS,
    header=HEADER,
    columns=frozenset(COLUMNS),
    key_column="name",
    rows=_rows,
    identify=_identify,
    judge=judge_inventory_edits,
    save=edit_inventory,
)
"""A line about a name that nothing has yet makes a row; a row that the file leaves out stays as it is."""
