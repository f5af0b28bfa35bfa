"""The inventory as one table: systems first, then the paths of each connection, in a fixed number of queries."""

from collections import defaultdict
from uuid import UUID

from governance.domain.inventory_sheet import SYSTEM, Inventory, InventoryRow
from governance.domain.matrix_sheet import show_cell
from governance.models import Connection, RegisteredField, System, WritePath


def list_inventory_rows(workspace_id: UUID) -> list[InventoryRow]:
    """Every system by name, then every path by connection and name. Two queries."""
    systems = System.objects.filter(workspace_id=workspace_id).order_by("name")
    paths = WritePath.objects.filter(connection__workspace_id=workspace_id).select_related("connection", "system")
    return [*map(_system, systems), *map(_path, paths.order_by("connection__name", "name"))]


def get_inventory(workspace_id: UUID) -> Inventory:
    """All that edits are judged against. Four queries."""
    names = Connection.objects.filter(workspace_id=workspace_id).values_list("name", flat=True)
    places: defaultdict[str, set[str]] = defaultdict(set, {name: set() for name in names})
    fields = RegisteredField.objects.filter(connection__workspace_id=workspace_id)
    for connection, object_type, name in fields.values_list("connection__name", "object_type", "name"):
        places[connection] |= {object_type, f"{object_type}.{name}"}
    return Inventory(
        rows={row.id: row for row in list_inventory_rows(workspace_id)},
        places={name: frozenset(known) for name, known in places.items()},
    )


def _system(row: System) -> InventoryRow:
    cells = {"kind": SYSTEM, "system": "", "purpose": row.purpose, "is_active": ""}
    places = {"reads": show_cell(row.reads), "writes": show_cell(row.writes)}
    return InventoryRow(pk=str(row.pk), connection="", name=row.name, cells=cells | places)


def _path(row: WritePath) -> InventoryRow:
    system = row.system.name if row.system is not None else ""
    cells = {"kind": row.kind, "system": system, "purpose": "", "is_active": show_cell(row.is_active)}
    places = {"reads": show_cell(row.triggers), "writes": show_cell(row.changes)}
    return InventoryRow(pk=str(row.pk), connection=row.connection.name, name=row.name, cells=cells | places)
