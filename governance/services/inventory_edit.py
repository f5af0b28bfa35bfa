"""Edits of the inventory, many rows at once: judged and saved as a whole, each row on record (REG-10)."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from audit.domain.event import Actor
from governance.domain.inventory_sheet import Inventory, InventoryRow, judge_inventory, places_of, row_of
from governance.domain.matrix_sheet import YES
from governance.domain.table_verdict import CellChange, RowEdit, Verdict, sound_changes
from governance.models import Connection, System, User, Workspace, WritePath
from governance.selectors.inventory_sheet import get_inventory
from governance.services.config_changes import ConfigChange, record_config_changes

_OF_SYSTEM = {"purpose": "purpose", "reads": "reads", "writes": "writes"}
_OF_PATH = {"kind": "kind", "system": "system", "reads": "triggers", "writes": "changes", "is_active": "is_active"}
_BATCH = 500


def judge_inventory_edits(*, workspace_id: UUID, edits: Sequence[RowEdit]) -> Verdict:
    """What the edits would change, and what is wrong with them. Changes nothing."""
    return judge_inventory(edits, get_inventory(workspace_id))


def edit_inventory(
    *,
    workspace_id: UUID,
    edits: Sequence[RowEdit],
    actor: Actor,
    user_id: int | None,
    now: datetime,
    take_good_ones: bool = False,
) -> Verdict:
    """Save the edits, all or none; with `take_good_ones` the rows without error or conflict.

    Locks the workspace's row, so that two people who save at once are judged one after the other. Commits the rows,
    their history and one `config.changed` event for each. The verdict's `changes` are what was saved: empty when
    anything kept it from being so. Raises LedgerUnavailableError.
    """
    with transaction.atomic():
        Workspace.objects.select_for_update(no_key=True).get(pk=workspace_id)
        inventory = get_inventory(workspace_id)
        verdict = judge_inventory(edits, inventory)
        changes = verdict.changes
        if not verdict.is_clean:
            again = partial(judge_inventory, inventory=inventory)
            changes = sound_changes(edits, verdict, again) if take_good_ones else ()
        if changes:
            user = User.objects.filter(pk=user_id).first() if user_id is not None else None
            noted = _save(workspace_id, changes, inventory, user)
            record_config_changes(workspace_id=workspace_id, changes=noted, actor=actor, now=now)
    return Verdict(changes=changes, errors=verdict.errors, conflicts=verdict.conflicts)


def _save(
    workspace_id: UUID, changes: Sequence[CellChange], inventory: Inventory, user: User | None
) -> list[ConfigChange]:
    """Write every changed row with its history, the systems first since paths name them; what to put on record."""
    by_row: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for change in changes:
        by_row[change.id][change.column] = change.after
    wanted = [(row_of(inventory, identity), cells) for identity, cells in by_row.items()]
    systems = _write(System, list(_systems(workspace_id, wanted)), user)
    paths = _write(WritePath, list(_paths(workspace_id, wanted)), user)
    return [*systems, *paths]


def _systems(
    workspace_id: UUID, wanted: Sequence[tuple[InventoryRow, Mapping[str, str]]]
) -> Iterator[tuple[System, Collection[str]]]:
    kept = System.objects.in_bulk([row.pk for row, _ in wanted if row.is_system and row.pk])
    for row, cells in wanted:
        if row.is_system:
            system = kept[UUID(row.pk)] if row.pk else System(workspace_id=workspace_id, name=row.name)
            yield system, _set(system, cells, _OF_SYSTEM, {})


def _paths(
    workspace_id: UUID, wanted: Sequence[tuple[InventoryRow, Mapping[str, str]]]
) -> Iterator[tuple[WritePath, Collection[str]]]:
    kept = WritePath.objects.in_bulk([row.pk for row, _ in wanted if not row.is_system and row.pk])
    systems = {row.name: row for row in System.objects.filter(workspace_id=workspace_id)}
    connections = {row.name: row for row in Connection.objects.filter(workspace_id=workspace_id)}
    for row, cells in wanted:
        if not row.is_system:
            new = WritePath(connection=connections[row.connection], name=row.name)
            path = kept[UUID(row.pk)] if row.pk else new
            yield path, _set(path, cells, _OF_PATH, systems)


def _set(
    row: System | WritePath, cells: Mapping[str, str], attributes: Mapping[str, str], systems: Mapping[str, System]
) -> list[str]:
    """Set what the cells say; the names of what was set."""
    names = []
    for column, text in cells.items():
        if (attribute := attributes.get(column)) is not None:
            setattr(row, attribute, _stored(column, text, systems))
            names.append(attribute)
    return names


def _stored(column: str, text: str, systems: Mapping[str, System]) -> object:
    match column:
        case "system":
            return systems[text] if text else None
        case "reads" | "writes":
            return places_of(text)
        case "is_active":
            return text == YES
        case _:
            return text


def _write(
    model: type[System | WritePath], rows: Sequence[tuple[System | WritePath, Collection[str]]], user: User | None
) -> list[ConfigChange]:
    """Write rows with their history, in a number of statements that does not depend on theirs (up to 500)."""
    new = [row for row, _ in rows if row._state.adding]  # noqa: SLF001  # Django's own word for it
    old = [(row, names) for row, names in rows if not row._state.adding]  # noqa: SLF001
    noted = [ConfigChange(row, "created", ["name"]) for row in new]
    noted += [ConfigChange(row, "updated", names) for row, names in old]
    if new:
        bulk_create_with_history(new, model, batch_size=_BATCH, default_user=user)
    if old:
        columns = sorted({name for _, names in old for name in names})
        bulk_update_with_history([row for row, _ in old], model, columns, batch_size=_BATCH, default_user=user)
    return noted
