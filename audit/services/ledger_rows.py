"""The ledger's rows as plain tuples, for the verifier: every column as text of one spelling, no model instances.

Raw SQL because the cost is in the millions: the ORM's converters alone would halve the verifier's speed.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connection

BATCH = 2_000

_SELECT = """
    SELECT {place}, {leaf_hash}, q.event_id, e.body, e.leaf_hash, e.id, e.type, e.workspace, e.actor_type, e.actor_id,
        e.subject_type, e.subject_id, e.correlation_id, {at}, v.content
    FROM {queue} q
    LEFT JOIN audit_ledgerevent e ON e.id = q.event_id
    LEFT JOIN audit_erasablevalues v ON v.event_id = q.event_id
    WHERE {place} >= %s ORDER BY {place} LIMIT %s"""
_LEAVES = {"place": "q.leaf_index", "leaf_hash": "q.leaf_hash", "queue": "audit_ledgerleaf"}
_PENDING = {"place": "q.id", "leaf_hash": "NULL", "queue": "audit_pendingevent"}
_LOST = """SELECT CAST(e.id AS text) FROM audit_ledgerevent e
    WHERE NOT EXISTS (SELECT 1 FROM audit_ledgerleaf l WHERE l.event_id = e.id)
    AND NOT EXISTS (SELECT 1 FROM audit_pendingevent p WHERE p.event_id = e.id)"""


class LedgerRow(NamedTuple):
    """One leaf (or pending event) with its event; `body` is None when the event row is missing.

    `columns`: id, type, workspace, actor type and id, subject type and id, correlation id, at, as the body spells them.
    """

    place: int
    leaf_hash: bytes | None
    event_id: str
    body: bytes | None
    stored_hash: bytes | None
    columns: tuple[str, ...]
    erasable: bytes | None


def iter_leaf_rows() -> Iterator[list[LedgerRow]]:
    """All leaves in their order, in batches of 2,000."""
    return _iter_batches(_LEAVES)


def iter_pending_rows() -> Iterator[list[LedgerRow]]:
    """All events that wait for their leaf, in batches of 2,000; `place` is that in the queue."""
    return _iter_batches(_PENDING)


def list_lost_events(limit: int) -> list[str]:
    """Ids of events that have no leaf and do not wait for one."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_LOST} LIMIT %s", [limit])
        return [row[0] for row in cursor.fetchall()]


def count_events() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_ledgerevent")
        return int(cursor.fetchone()[0])


def _iter_batches(source: dict[str, str]) -> Iterator[list[LedgerRow]]:
    is_postgresql = connection.vendor == "postgresql"
    # SQLite: CAST hides the column's type from the driver, which would else build a datetime for each row
    sql = _SELECT.format(**source, at="e.at" if is_postgresql else "CAST(e.at AS text)")
    convert = _from_postgresql if is_postgresql else _from_sqlite
    start = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(sql, [start, BATCH])
            batch = [convert(row) for row in cursor.fetchall()]
        if batch:
            yield batch
        if len(batch) < BATCH:
            return
        start = batch[-1].place + 1


def _from_postgresql(row: tuple[Any, ...]) -> LedgerRow:
    place, leaf, event_id, body, stored, own_id, *names, at, erasable = row
    if body is None:
        return LedgerRow(place, leaf, str(event_id), None, None, (), None)
    time = f"{at.isoformat(timespec='microseconds')[:26]}Z"
    return LedgerRow(place, leaf, str(event_id), body, stored, (str(own_id), *names, time), erasable)


def _from_sqlite(row: tuple[Any, ...]) -> LedgerRow:
    place, leaf, event_id, body, stored, own_id, *names, at, erasable = row
    if body is None:
        return LedgerRow(place, leaf, _dashed(event_id), None, None, (), None)
    return LedgerRow(place, leaf, _dashed(event_id), body, stored, (_dashed(own_id), *names, _iso(at)), erasable)


def _dashed(text: str) -> str:
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _iso(text: str) -> str:
    """`2026-01-31 09:30:00[.ffffff]` as the body spells it; Django leaves out a fraction of zero."""
    fraction = "" if len(text) == 26 else ".000000"
    return f"{text[:10]}T{text[11:]}{fraction}Z"
