"""Signing the tree's head: only over committed leaves, and only when the tree still is what was signed before."""

from datetime import datetime

from django.db import transaction

from audit.domain.merkle import leaf_hash
from audit.domain.note import TreeHead, sign_tree_head
from audit.domain.tiles import TiledTree
from audit.models import Checkpoint, LedgerLeaf
from audit.selectors.tree import DamagedTreeError, get_tree, get_tree_size
from audit.services.anchor import AnchorError, anchor_checkpoint, check_anchor, open_anchor
from audit.services.known_keys import open_head
from audit.services.lock import hold_sequencer_lock
from audit.services.signing_key import get_origin, get_signing_key

_BATCH = 1_000


def sign_checkpoint(*, now: datetime, is_explained: bool = False) -> TreeHead | None:
    """Sign the tree as it is committed, store the checkpoint, then anchor it. None when nothing is new. `is_explained`:
    a person has said why the ledger is behind its anchor, which goes on from here (`anchor_anew` alone).

    INVARIANT: an inconsistent tree is never signed. The signed head is computed from the newest checkpoint's tree and
    the stored bytes of every event since; a leaf or a tile that differs, or a database behind its anchor, refuses.
    Commits one transaction (the checkpoint), so it is called outside of one; the anchor follows, never ahead of it.
    Raises DamagedTreeError, AnchorError, SigningKeyError; InvalidNoteError when another key or origin signed before:
    one that did not introduce ours.
    """
    with transaction.atomic():
        hold_sequencer_lock()
        previous = Checkpoint.objects.order_by("-size").first()
        size = get_tree_size()
        if size == (previous.size if previous else 0):
            return None
        if not is_explained and (state := check_anchor()).is_behind:
            raise AnchorError(f"the ledger is behind its anchor: {state.words}. Nothing is signed")
        if previous is None:
            open_anchor()
        head = TreeHead(origin=get_origin(), size=size, root=_checked_root(previous, size))
        note = sign_tree_head(head, get_signing_key())
        Checkpoint.objects.create(size=size, root=head.root, note=note, signed_at=now)
    anchor_checkpoint(size=head.size, root=head.root, note=note)
    return head


def _checked_root(previous: Checkpoint | None, size: int) -> bytes:
    tree = _signed_tree(previous)
    if tree.size > size:
        raise DamagedTreeError(f"the tree has {size} leaves, but {tree.size} were signed: nothing is signed")
    for start in range(tree.size, size, _BATCH):
        tree.extend(_leaves_from_bodies(start, min(start + _BATCH, size)))
    root = tree.root()
    if tree.size != size or root != get_tree(size).root():
        raise DamagedTreeError("the stored tiles are not those of the events: nothing is signed")
    return root


def _signed_tree(previous: Checkpoint | None) -> TiledTree:
    if previous is None:
        return TiledTree()
    open_head(previous.note)
    tree = get_tree(previous.size)
    if tree.root() != bytes(previous.root):
        raise DamagedTreeError(f"the tree is not the one signed at {previous.size} leaves: nothing is signed")
    return tree


def _leaves_from_bodies(start: int, end: int) -> list[bytes]:
    """Leaf hashes [start, end) taken anew of the stored bytes. Raises DamagedTreeError where a stored leaf differs."""
    rows = LedgerLeaf.objects.filter(leaf_index__gte=start, leaf_index__lt=end).order_by("leaf_index")
    leaves: list[bytes] = []
    for index, stored, body in rows.values_list("leaf_index", "leaf_hash", "event__body"):
        leaf = leaf_hash(bytes(body))
        if index != start + len(leaves) or leaf != bytes(stored):
            raise DamagedTreeError(f"leaf {index} is not that of its event: nothing is signed")
        leaves.append(leaf)
    return leaves
