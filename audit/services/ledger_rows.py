"""The ledger's rows as plain tuples, for the verifier: every column as text of one spelling, no model instances.

Raw SQL because the cost is in the millions: the ORM's converters alone would halve the verifier's speed.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection

from audit.selectors.prepared import prepared_cursor

BATCH = 2_000

_SELECT = """
    SELECT {place}, {leaf_hash}, {queue_id}, e.body, e.leaf_hash, {id}, e.type, e.workspace, e.actor_type, e.actor_id,
        e.subject_type, e.subject_id, e.correlation_id, {at}, v.content
    FROM {queue} q
    LEFT JOIN audit_ledgerevent e ON e.id = q.event_id
    LEFT JOIN audit_erasablevalues v ON v.event_id = q.event_id
    WHERE {place} >= %s ORDER BY {place} LIMIT %s"""
_LEAVES = {"place": "q.leaf_index", "leaf_hash": "q.leaf_hash", "queue": "audit_ledgerleaf"}
_PENDING = {"place": "q.id", "leaf_hash": "NULL", "queue": "audit_pendingevent"}
# The databases spell ids and times as the body does: cheaper there than in Python.
_POSTGRESQL = {
    "queue_id": "q.event_id::text",
    "id": "e.id::text",
    "at": """to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
}
_DASHED = (
    "substr({0}, 1, 8) || '-' || substr({0}, 9, 4) || '-' || substr({0}, 13, 4) || '-' || substr({0}, 17, 4) || '-' "
    "|| substr({0}, 21)"
)
_SQLITE = {  # Django stores ids without dashes, and times without a fraction of zero
    "queue_id": _DASHED.format("q.event_id"),
    "id": _DASHED.format("e.id"),
    "at": "replace(e.at, ' ', 'T') || CASE length(e.at) WHEN 26 THEN 'Z' ELSE '.000000Z' END",
}
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
    sql = _SELECT.format(**source, **(_POSTGRESQL if connection.vendor == "postgresql" else _SQLITE))
    start = 0
    while True:
        with prepared_cursor(is_binary=True) as cursor:
            cursor.execute(sql, [start, BATCH])
            batch = [LedgerRow._make((*row[:5], row[5:14], row[14])) for row in cursor.fetchall()]
        if batch:
            yield batch
        if len(batch) < BATCH:
            return
        start = batch[-1].place + 1
