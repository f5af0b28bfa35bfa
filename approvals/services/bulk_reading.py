"""What the CRM holds of many requests' records: read in batches, connection by connection (RVT-02)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from approvals.domain.bulk_revert import Key
from approvals.models import BulkRevertItem
from approvals.selectors.bulk_reverts import key_of
from approvals.services.surroundings import Surroundings
from crm_connectors.domain.record import HistoryEntry, Record
from crm_connectors.port import Connector, NotFoundError
from crm_connectors.services.connectors import get_connector


@dataclass(frozen=True, slots=True)
class Seen:
    """Records by key, those that are gone absent; and the newest changes of each."""

    records: dict[Key, Record]
    newest: dict[Key, tuple[HistoryEntry, ...]]


def read_records(
    items: Iterable[BulkRevertItem], *, around: Surroundings | None = None, with_changes: bool = False
) -> Seen:
    """The records of these items (requests and connections joined), with the fields that the requests wrote.

    One `read_many` for each connection and object; with changes one `last_changes` more, over every field that the
    policy of `around` knows. Never inside a transaction. Raises ConnectorError.
    """
    groups: defaultdict[tuple[str, str], list[BulkRevertItem]] = defaultdict(list)
    for item in items:
        groups[str(item.connection_id), item.object_type].append(item)
    seen = Seen({}, {})
    for (connection, object_type), members in groups.items():
        connector = get_connector(members[0].connection_id, kind=members[0].request.connection.kind)
        ids = sorted({item.record_id for item in members})
        fields = sorted({change["field"] for item in members for change in item.request.patch})
        for record_id, record in _read(connector, object_type, ids, fields, members).items():
            seen.records[connection, object_type, record_id] = record
        if with_changes:
            followed = sorted({*fields, *_known_fields(members[0], around)})
            changes = connector.last_changes(object_type=object_type, record_ids=ids, fields=followed)
            seen.newest.update({(connection, object_type, one): entries for one, entries in changes.items()})
    return seen


def _read(
    connector: Connector, object_type: str, ids: Sequence[str], fields: Sequence[str], items: Sequence[BulkRevertItem]
) -> dict[str, Record]:
    """In one call; where one of the fields is no more, record by record, so that it keeps none of the others back."""
    try:
        return connector.read_many(object_type=object_type, record_ids=ids, fields=fields)
    except NotFoundError:
        return _read_singly(connector, object_type, items)


def _read_singly(connector: Connector, object_type: str, items: Sequence[BulkRevertItem]) -> dict[str, Record]:
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for item in items:
        wanted[item.record_id] |= {change["field"] for change in item.request.patch}
    found: dict[str, Record] = {}
    for record_id, fields in wanted.items():
        try:
            found[record_id] = connector.read(object_type=object_type, record_id=record_id, fields=sorted(fields))
        except NotFoundError:
            continue
    return found


def _known_fields(item: BulkRevertItem, around: Surroundings | None) -> frozenset[str]:
    """Every field of the object that policy knows, where there is one."""
    index = around.get_policy(item.request.connection.environment)[0] if around is not None else None
    entry = index.objects.get((item.request.connection.name, item.object_type)) if index is not None else None
    return frozenset(entry.fields) if entry is not None else frozenset()


def record_of(seen: Seen, item: BulkRevertItem) -> Record | None:
    """The item's record; None where it is gone, or does not have all of the request's fields any more."""
    record = seen.records.get(key_of(item))
    if record is None or not record.values.keys() >= {change["field"] for change in item.request.patch}:
        return None
    return record
