"""Keeping a portal's records in a file between runs. The journal is not kept: it belongs to one run."""

from collections import deque
from pathlib import Path

import msgspec

from crm_connectors.simulators.hubspot.portal import Portal
from crm_connectors.simulators.hubspot.records import HistoryItem, Source, StoredRecord

MAX_BYTES = 256 * 1024 * 1024


class SavedChange(msgspec.Struct):
    value: str | None
    at: int
    type: str
    id: str
    user_id: int | None


class SavedRecord(msgspec.Struct):
    object: str
    id: str
    created_at: int
    updated_at: int
    values: dict[str, str]
    history: dict[str, list[SavedChange]]
    archived_at: int | None
    merged_into: str


def save_portal(portal: Portal, path: Path) -> None:
    """Write every record, to a file beside it first, so that a crash leaves the old one."""
    with portal.lock:
        records = [_saved(record) for found in portal.records.values() for record in found.values()]
    beside = path.with_suffix(".new")
    beside.write_bytes(msgspec.json.encode(records))
    beside.replace(path)


def load_portal(portal: Portal, path: Path) -> bool:
    """Read what was saved; whether there was a file. Raises ValueError for one that is too large or damaged."""
    if not path.exists():
        return False
    if path.stat().st_size > MAX_BYTES:
        msg = f"`{path}` is too large for a simulator"
        raise ValueError(msg)
    for saved in msgspec.json.decode(path.read_bytes(), type=list[SavedRecord]):
        portal.put_back(_restored(saved))
    return True


def _saved(record: StoredRecord) -> SavedRecord:
    return SavedRecord(
        object=record.object,
        id=record.id,
        created_at=record.created_at,
        updated_at=record.updated_at,
        values=record.values,
        history={
            name: [
                SavedChange(item.value, item.at, item.source.type, item.source.id, item.source.user_id)
                for item in items
            ]
            for name, items in record.history.items()
        },
        archived_at=record.archived_at,
        merged_into=record.merged_into,
    )


def _saved_change(item: HistoryItem) -> SavedChange:
    return SavedChange(item.value, item.at, item.source.type, item.source.id, item.source.user_id)


def _restored_change(item: SavedChange) -> HistoryItem:
    return HistoryItem(item.value, item.at, Source(type=item.type, id=item.id, user_id=item.user_id))


def _restored(saved: SavedRecord) -> StoredRecord:
    return StoredRecord(
        object=saved.object,
        id=saved.id,
        created_at=saved.created_at,
        updated_at=saved.updated_at,
        values=saved.values,
        history={
            name: deque(
                (
                    HistoryItem(item.value, item.at, Source(type=item.type, id=item.id, user_id=item.user_id))
                    for item in items
                ),
                maxlen=45,
            )
            for name, items in saved.history.items()
        },
        archived_at=saved.archived_at,
        merged_into=saved.merged_into,
    )
