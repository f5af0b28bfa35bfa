"""The inventory of systems and write paths as one table of text, and what a set of edits to it would do (REG-10).

A row is a system, or a path by which something changes at one connection. Every cell is text, and the text of a value
is always the same, so that what was exported comes back as "no changes". What a file leaves out stays as it is.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence

import msgspec

from governance.domain.matrix_sheet import NO, YES, CellError, read_flag, read_plain, show_cell
from governance.domain.table_verdict import CellChange, Conflict, RowEdit, SheetError, Verdict
from governance.domain.vocabulary import WritePathKind

SYSTEM = "system"
KINDS = (SYSTEM, *WritePathKind)
KEYS = ("kind", "connection", "name")
COLUMNS = ("kind", "system", "purpose", "reads", "writes", "is_active")
HEADER = (*KEYS, *COLUMNS[1:])
ABSENT = "absent"
"""The version of a row that does not exist yet."""
_NAME_LENGTH = {True: 80, False: 120}  # of systems, of paths
_PURPOSE_LENGTH = 200
_OF_SYSTEMS, _OF_PATHS = frozenset({"purpose"}), frozenset({"system", "is_active"})
_NEW = {"kind": "", "system": "", "purpose": "", "reads": "", "writes": ""}


class InventoryRow(msgspec.Struct, frozen=True, kw_only=True):
    """One system, or one path at a `connection`. `cells` is column → text; of a path, `reads` is what sets it off and
    `writes` what it changes. `pk` is empty while the row does not exist."""

    pk: str
    connection: str
    name: str
    cells: Mapping[str, str]

    @property
    def is_system(self) -> bool:
        return not self.connection

    @property
    def id(self) -> str:
        return row_id(self.connection, self.name)

    @property
    def version(self) -> str:
        """Changes with any cell: a fingerprint of the whole row."""
        if not self.pk:
            return ABSENT
        text = "\x1f".join(self.cells[column] for column in COLUMNS)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """What edits are judged against: rows by id, and connection → the places that its registry knows."""

    rows: Mapping[str, InventoryRow]
    places: Mapping[str, frozenset[str]]


def row_id(connection: str, name: str) -> str:
    """What tells one row from every other: a system has no connection."""
    return f"{connection}\x1f{name}"


def row_of(inventory: Inventory, identity: str) -> InventoryRow:
    """The row with this id, or an empty one that is to be made."""
    connection, _, name = identity.partition("\x1f")
    cells = {**_NEW, "is_active": YES if connection else ""}
    new = InventoryRow(pk="", connection=connection, name=name, cells=cells)
    return inventory.rows.get(identity, new)


def key_problem(*, kind: str, connection: str, name: str, inventory: Inventory) -> tuple[str, str] | None:
    """The column that keeps a line from being about a row, and how to mend it; None when it is about one."""
    is_system = kind.strip().casefold() == SYSTEM
    if is_system and connection:
        return "connection", "a system belongs to no connection: leave the cell empty"
    if not is_system and connection not in inventory.places:
        return "connection", f"no connection is called `{connection}`: name the one at which the path writes"
    if not name:
        return "name", "a row needs a name"
    if len(name) > _NAME_LENGTH[is_system]:
        return "name", f"at most {_NAME_LENGTH[is_system]} characters fit"
    try:
        read_plain(name)
    except CellError as error:
        return "name", str(error)
    return None


def judge_inventory(edits: Sequence[RowEdit], inventory: Inventory) -> Verdict:
    """Judge all edits together: a path may name a system that the same edits make."""
    rows = [row_of(inventory, edit.id) for edit in edits]
    systems = frozenset(row.name for row in (*inventory.rows.values(), *rows) if row.is_system)
    changes: list[CellChange] = []
    errors: list[SheetError] = []
    conflicts: list[Conflict] = []
    for edit, row in zip(edits, rows, strict=True):
        if edit.version not in ("", row.version):
            conflicts.append(Conflict(id=row.id, row=row.name, version=row.version, cells=dict(row.cells)))
        for column, text in sorted(edit.cells.items()):
            try:
                changes += _judge_cell(row, column, text, systems, inventory)
            except CellError as error:
                found = SheetError(id=row.id, row=row.name, column=column, code=error.code, message=str(error))
                errors.append(found)
    return Verdict(changes=tuple(changes), errors=tuple(errors), conflicts=tuple(conflicts))


def _judge_cell(
    row: InventoryRow, column: str, text: str, systems: frozenset[str], inventory: Inventory
) -> list[CellChange]:
    """The change of one cell, or none. Raises CellError."""
    before = row.cells[column]
    after = before if text == before else _read(column, text, row, systems, inventory)
    if after == before:
        return []
    return [CellChange(id=row.id, row=row.name, column=column, before=before, after=after)]


def places_of(text: str) -> list[str]:
    """The places that canonical text stands for."""
    return text.split("; ") if text else []


def _read(column: str, text: str, row: InventoryRow, systems: frozenset[str], inventory: Inventory) -> str:
    """The canonical text of a cell. Raises CellError."""
    text = read_plain(text)
    if text and column in (_OF_PATHS if row.is_system else _OF_SYSTEMS):
        raise CellError(f"a {'system' if row.is_system else 'path'} has none: leave the cell empty")
    match column:
        case "kind":
            return _kind(text, row)
        case "system":
            return _known_system(text, systems)
        case "purpose":
            if len(text) > _PURPOSE_LENGTH:
                raise CellError(f"at most {_PURPOSE_LENGTH} characters fit")
            return text
        case "is_active":
            return "" if row.is_system else read_flag(text or (NO if row.pk else YES))
        case _:
            return _places(text, row, inventory)


def _kind(text: str, row: InventoryRow) -> str:
    word = re.sub(r"[\s-]+", "_", text.casefold())
    if word not in KINDS or (word == SYSTEM) != row.is_system:
        raise CellError(f"`{text}` is none of {', '.join(KINDS)}")
    return word


def _known_system(text: str, systems: frozenset[str]) -> str:
    if text and text not in systems:
        raise CellError(f"no system is called `{text}`: give it a row of its own, of kind {SYSTEM}")
    return text


def _places(text: str, row: InventoryRow, inventory: Inventory) -> str:
    named = {place.strip() for place in re.split(r"[;,\n]", text) if place.strip()}
    known = frozenset().union(*inventory.places.values()) if row.is_system else inventory.places[row.connection]
    if unknown := sorted(named - known):
        raise CellError(f"`{unknown[0]}` is not in the field registry: write object.field, or the object")
    return show_cell(tuple(named))
