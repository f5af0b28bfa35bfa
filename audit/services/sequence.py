"""Sequencing: pending events get their place in the tree, after the business transaction and apart from it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from audit.domain.merkle import leaf_hash
from audit.domain.tiles import FullTile
from audit.models import LedgerLeaf, PendingEvent, Tile
from audit.selectors.tree import DamagedTreeError, get_tree, get_tree_size
from audit.services.lock import hold_sequencer_lock
from audit.services.rows import insert_rows, time_value, uuid_value

TURN = 1_000


class PendingBody(NamedTuple):
    pending_id: int
    event_id: UUID
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
        leaves = [_checked_leaf(item) for item in pending]
        tiles = get_tree(size).extend(leaves)
        moment = time_value(now)
        insert_rows(
            LedgerLeaf,
            ("leaf_index", "event_id", "leaf_hash", "sequenced_at"),
            [(size + at, uuid_value(item.event_id), leaves[at], moment) for at, item in enumerate(pending)],
        )
        _insert_tiles(tiles)
        _delete_pending([item.pending_id for item in pending])
    return len(pending)


def _read_pending() -> list[PendingBody]:
    rows = PendingEvent.objects.order_by("pk").values_list("pk", "event_id", "event__body", "event__leaf_hash")[:TURN]
    return [PendingBody(pk, event_id, bytes(body), bytes(stored)) for pk, event_id, body, stored in rows]


def _checked_leaf(item: PendingBody) -> bytes:
    """The leaf hash of the bytes as they lie there. INVARIANT: nothing is sequenced that is not what was appended."""
    leaf = leaf_hash(item.body)
    if leaf != item.stored_hash:
        raise DamagedTreeError(f"event {item.event_id} is not the one that was appended: it is not sequenced")
    return leaf


def _insert_tiles(tiles: Sequence[FullTile]) -> None:
    rows = [(tile.level, tile.n, tile.hashes, tile.root) for tile in tiles]
    insert_rows(Tile, ("level", "n", "hashes", "root"), rows)


def _delete_pending(ids: Sequence[int]) -> None:
    """Delete the rows read. Raises DamagedTreeError when another took one meanwhile, which the lock should prevent."""
    marks = ", ".join(["%s"] * len(ids))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM audit_pendingevent WHERE id IN ({marks})", list(ids))  # noqa: S608  # marks alone
        if cursor.rowcount != len(ids):
            raise DamagedTreeError("pending events vanished during their sequencing")
