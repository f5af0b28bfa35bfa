"""The tree as it is stored: its size, its right edge, its tiles."""

from collections.abc import Callable, Sequence
from functools import cache, partial

from django.db.models import Max

from audit.domain.merkle import HASH_SIZE
from audit.domain.proof import range_root
from audit.domain.tiles import TILE_HEIGHT, TILE_WIDTH, TiledTree, node_from_tiles, partial_widths
from audit.models import LedgerLeaf, Tile


class DamagedTreeError(RuntimeError):
    """The stored tree contradicts itself: a leaf, a tile or a body is missing or not what it was."""

    code = "damaged_tree"


def get_tree_size() -> int:
    """Number of leaves: the newest index and one."""
    newest: int | None = LedgerLeaf.objects.aggregate(newest=Max("leaf_index"))["newest"]
    return 0 if newest is None else newest + 1


def get_tree(size: int) -> TiledTree:
    """The tree of the first `size` leaves, read from at most 255 hashes a level. Raises DamagedTreeError."""
    widths = partial_widths(size)
    return TiledTree(
        [
            get_tile_hashes(level, (size >> (TILE_HEIGHT * level)) // TILE_WIDTH, width)
            for level, width in enumerate(widths)
        ]
    )


def get_tile_hashes(level: int, n: int, width: int = TILE_WIDTH) -> list[bytes]:
    """The first `width` hashes of tile `n` of `level`: leaf hashes, or the roots of the tiles below.

    Raises DamagedTreeError when one of them is missing.
    """
    if width == 0:
        return []
    first = n * TILE_WIDTH
    found = _leaf_hashes(first, first + width) if level == 0 else _tile_roots(level - 1, first, first + width)
    if len(found) != width:
        raise DamagedTreeError(f"tile {level}/{n} has {len(found)} of {width} hashes")
    return found


def get_range_root(start: int, end: int, *, size: int) -> bytes:
    """Root over leaves [start, end) of a proof in the tree of `size`. Raises DamagedTreeError."""
    return range_root(start, end, partial(node_from_tiles, hashes=partial(_tile_in_tree, size=size)))


def range_reader(size: int) -> Callable[[int, int], bytes]:
    """`get_range_root` for many proofs in the tree of `size`: each tile is read once. Raises DamagedTreeError."""
    kept = cache(partial(_tile_in_tree_at_once, size=size))
    return partial(range_root, node=partial(node_from_tiles, hashes=kept))


def _tile_in_tree_at_once(level: int, n: int, *, size: int) -> Sequence[bytes]:
    """A full tile is one row; what is not full yet is read hash by hash."""
    if (n + 1) * TILE_WIDTH <= size >> (TILE_HEIGHT * level):
        stored = Tile.objects.filter(level=level, n=n).values_list("hashes", flat=True).first()
        if stored is None:
            raise DamagedTreeError(f"tile {level}/{n} is missing")
        hashes = bytes(stored)
        return [hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE)]
    return _tile_in_tree(level, n, size=size)


def _tile_in_tree(level: int, n: int, *, size: int) -> Sequence[bytes]:
    in_level = size >> (TILE_HEIGHT * level)
    return get_tile_hashes(level, n, min(TILE_WIDTH, in_level - n * TILE_WIDTH))


def _leaf_hashes(start: int, end: int) -> list[bytes]:
    rows = LedgerLeaf.objects.filter(leaf_index__gte=start, leaf_index__lt=end).order_by("leaf_index")
    return [bytes(item) for item in rows.values_list("leaf_hash", flat=True)]


def _tile_roots(level: int, start: int, end: int) -> list[bytes]:
    rows = Tile.objects.filter(level=level, n__gte=start, n__lt=end).order_by("n")
    return [bytes(item) for item in rows.values_list("root", flat=True)]
