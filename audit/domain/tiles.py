"""Tiles: the tree cut into full-width pieces that never change once written. Knows no storage.

A tile of level L and number n holds 256 hashes: leaf hashes on level 0, above that the roots of the 256 tiles below.
Source: C2SP tlog-tiles.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from audit.domain.merkle import CompactRange, fold_peaks, perfect_root

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT


@dataclass(frozen=True, slots=True)
class FullTile:
    """256 hashes, one after the other (8,192 bytes), and the root over them."""

    level: int
    n: int
    hashes: bytes
    root: bytes


class TiledTree:
    """A growing tree that remembers only its partial tiles, one a level: at most 255 hashes each."""

    __slots__ = ("_edges", "_ranges", "size")

    def __init__(self, partial: Sequence[Sequence[bytes]] = ()) -> None:
        """`partial`: the hashes of the unfinished tile of each level, from the leaves up (see `partial_widths`)."""
        self._edges = [list(hashes) for hashes in partial] or [[]]
        self._ranges = [CompactRange(hashes) for hashes in self._edges]
        self.size = sum(len(edge) << (TILE_HEIGHT * level) for level, edge in enumerate(self._edges))

    def append(self, leaf: bytes) -> list[FullTile]:
        """Add a leaf hash; returns the tiles that it completed, lowest level first (mostly none)."""
        self.size += 1
        self._ranges[0].append(leaf)
        edge = self._edges[0]
        edge.append(leaf)
        return [] if len(edge) < TILE_WIDTH else self._close(0)

    def extend(self, leaves: Iterable[bytes]) -> list[FullTile]:
        """Add leaf hashes; returns the completed tiles in the order of their completion."""
        return [tile for leaf in leaves for tile in self.append(leaf)]

    def root(self) -> bytes:
        """The RFC 6962 root over all leaves so far."""
        return fold_peaks([peak for part in reversed(self._ranges) for peak in part.peaks])

    def _close(self, level: int) -> list[FullTile]:
        """Cut the full tile of `level` off the edge and hand its root to the level above."""
        root = self._ranges[level].peaks[0]  # 256 is a power of two: one peak
        n = (self.size >> (TILE_HEIGHT * (level + 1))) - 1
        tile = FullTile(level=level, n=n, hashes=b"".join(self._edges[level]), root=root)
        self._edges[level], self._ranges[level] = [], CompactRange()
        if level + 1 == len(self._edges):
            self._edges.append([])
            self._ranges.append(CompactRange())
        self._edges[level + 1].append(root)
        self._ranges[level + 1].append(root)
        return [tile] if len(self._edges[level + 1]) < TILE_WIDTH else [tile, *self._close(level + 1)]


def partial_widths(size: int) -> list[int]:
    """How many hashes the unfinished tile of each level has in a tree of `size` leaves, from the leaves up."""
    widths = []
    while size:
        widths.append(size % TILE_WIDTH)
        size //= TILE_WIDTH
    return widths


def node_from_tiles(height: int, index: int, hashes: Callable[[int, int], Sequence[bytes]]) -> bytes:
    """Hash of the perfect subtree number `index` of 2**height leaves; `hashes(level, n)` reads a (partial) tile."""
    level, rest = divmod(height, TILE_HEIGHT)
    n, offset = divmod(index << rest, TILE_WIDTH)
    return perfect_root(hashes(level, n)[offset : offset + (1 << rest)])
