"""Sequencing: pending events get their place in the tree, after the business transaction and apart from it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from audit.domain.merkle import leaf_hash
from audit.domain.tiles import FullTile
from audit.models import PendingEvent, Tile
from audit.selectors.tree import DamagedTreeError, get_tree, get_tree_size
from audit.services.lock import hold_sequencer_lock
from audit.services.rows import insert_rows, time_value

TURN = 1_000


_ISSUE = """
    INSERT INTO audit_ledgerleaf (leaf_index, event_id, leaf_hash, sequenced_at)
    SELECT %s + row_number() OVER (ORDER BY p.id), p.event_id, e.leaf_hash, %s
    FROM audit_pendingevent p JOIN audit_ledgerevent e ON e.id = p.event_id WHERE p.id IN ({ids})"""
_DONE = "DELETE FROM audit_pendingevent WHERE id IN ({ids})"


class PendingBody(NamedTuple):
    pending_id: int
    body: bytes
    stored_hash: bytes


def sequence_pending(*, now: datetime) -> int:
    """Give up to 1,000 pending events the next leaf indexes; returns how many. Call again while it returns 1,000.

    Commits one transaction: leaves, full tiles, pending rows gone. Leaf hashes are taken of the stored bytes; a body
    that changed since it was appended stops it with DamagedTreeError: an index once issued is never taken back.
    Indexes are issued here and not by the database, so an event that commits late is never skipped.
    """
    with transaction.atomic():
        hold_sequencer_lock()
        pending = _read_pending()
        if not pending:
            return 0
        size = get_tree_size()
        _insert_tiles(get_tree(size).extend(_checked_leaf(item) for item in pending))
        ids = [item.pending_id for item in pending]
        _for_each(_ISSUE, ids, size - 1, time_value(now))
        _for_each(_DONE, ids)
    return len(pending)


def _read_pending() -> list[PendingBody]:
    rows = PendingEvent.objects.order_by("pk").values_list("pk", "event__body", "event__leaf_hash")[:TURN]
    return [PendingBody(pk, bytes(body or b""), bytes(stored or b"")) for pk, body, stored in rows]


def _checked_leaf(item: PendingBody) -> bytes:
    """The leaf hash of the bytes as they lie there. INVARIANT: nothing is sequenced that is not what was appended."""
    leaf = leaf_hash(item.body)
    if leaf != item.stored_hash:
        event_id = PendingEvent.objects.values_list("event_id", flat=True).get(pk=item.pending_id)
        raise DamagedTreeError(f"event {event_id} is not the one that was appended: it is not sequenced")
    return leaf


def _insert_tiles(tiles: Sequence[FullTile]) -> None:
    rows = [(tile.level, tile.n, tile.hashes, tile.root) for tile in tiles]
    insert_rows(Tile, ("level", "n", "hashes", "root"), rows)


def _for_each(sql: str, ids: Sequence[int], *parameters: Any) -> None:
    """Run a statement over exactly the pending rows `ids`: others may have been committed since those were read.

    The hashes stay in the database: what it inserts was compared with the recomputed ones above, in this transaction.
    Raises DamagedTreeError when a row is gone, which the lock prevents.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql.format(ids=", ".join(["%s"] * len(ids))), [*parameters, *ids])
        if cursor.rowcount != len(ids):
            raise DamagedTreeError("pending events vanished during their sequencing")
