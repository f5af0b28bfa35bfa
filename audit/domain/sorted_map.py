"""A sorted map under a Merkle root: shows that a label is in it, with what value, or that it is not.

The tree is that of RFC 6962 over entries in the order of their labels, which differ:

    entry = label (32 bytes) ‖ value (32 bytes)        leaf = SHA-256(0x00 ‖ entry)

A label is in the map when its entry is proven. It is not in it when two entries that stand side by side are proven, one
before and one after it; at an end one entry and the end are enough, and a map without entries needs none. That holds as
far as the map is sorted, which one proof cannot show: who has all entries recomputes the root (docs/ledger-format.md).

Knows no storage. Verification never raises on foreign input: it answers False. Source: RFC 6962 §2.1.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from audit.domain.merkle import EMPTY_ROOT, HASH_SIZE, CompactRange, fold_peaks, leaf_hash, perfect_root
from audit.domain.proof import inclusion_ranges, range_root, verify_inclusion

ENTRY_SIZE = 2 * HASH_SIZE
PART_HEIGHT = 8
PART_WIDTH = 1 << PART_HEIGHT


@dataclass(frozen=True, slots=True)
class Entry:
    """`label` and `value` are 32 bytes each."""

    label: bytes
    value: bytes

    @property
    def bytes(self) -> bytes:
        return self.label + self.value


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry at its place. `hashes`: 32 bytes each, leaf → root."""

    entry: Entry
    index: int
    hashes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapProof:
    """Either `found`, or its neighbours: `left` is None before the first entry, `right` after the last."""

    found: Placed | None = None
    left: Placed | None = None
    right: Placed | None = None


@dataclass(frozen=True, slots=True)
class PartHead:
    """What is known of 256 entries without reading them: the first one's label, and the root over them."""

    first: bytes
    root: bytes


def split_parts(entries: Sequence[Entry]) -> list[Sequence[Entry]]:
    """The entries, 256 at a time. Raises ValueError unless their labels rise and everything is 32 bytes long."""
    if any(len(entry.label) != HASH_SIZE or len(entry.value) != HASH_SIZE for entry in entries):
        raise ValueError("a label and a value have 32 bytes")
    if any(entry.label >= after.label for entry, after in pairwise(entries)):
        raise ValueError("the labels of a map rise")
    return [entries[start : start + PART_WIDTH] for start in range(0, len(entries), PART_WIDTH)]


def part_head(part: Sequence[Entry]) -> PartHead:
    """Requires at least one entry."""
    return PartHead(part[0].label, CompactRange(leaf_hash(entry.bytes) for entry in part).root())


def map_root(heads: Sequence[PartHead]) -> bytes:
    """The root over every part: each but the last is full, so that their roots are nodes of the whole tree."""
    if not heads:
        return EMPTY_ROOT
    peaks = CompactRange(head.root for head in heads[:-1]).peaks
    return fold_peaks([*peaks, heads[-1].root])


def read_part(stored: bytes) -> list[Entry]:
    """The entries of a part as it is stored, one after the other. Raises ValueError."""
    if len(stored) % ENTRY_SIZE:
        raise ValueError("a part has 64 bytes an entry")
    pieces = [stored[start : start + ENTRY_SIZE] for start in range(0, len(stored), ENTRY_SIZE)]
    return [Entry(piece[:HASH_SIZE], piece[HASH_SIZE:]) for piece in pieces]


class SortedMap:
    """A map of `size` entries of which only the heads are at hand; `load` reads part number `n` when it is needed."""

    def __init__(self, size: int, heads: Sequence[PartHead], load: Callable[[int], Sequence[Entry]]) -> None:
        self.size, self._heads, self._load = size, heads, load

    def needed(self, labels: Sequence[bytes]) -> set[int]:
        """Numbers of the parts that proofs about these labels read: at most two each, and the last."""
        if not self._heads:
            return set()
        places = {self._part_of(label) for label in labels}
        last = len(self._heads) - 1
        return {last, *(at for place in places for at in (place, place + 1) if at <= last)}

    def prove(self, label: bytes) -> MapProof:
        """Whether the label is in the map, and why."""
        if not self._heads:
            return MapProof()
        number = self._part_of(label)
        part = self._load(number)
        offset = bisect_left(part, label, key=lambda entry: entry.label)
        index = number * PART_WIDTH + offset
        if offset < len(part) and part[offset].label == label:
            return MapProof(found=self._place(index))
        return MapProof(
            left=self._place(index - 1) if index else None, right=self._place(index) if index < self.size else None
        )

    def _part_of(self, label: bytes) -> int:
        """The last part that begins at the label or before it; the first one when all begin after it."""
        return max(bisect_right(self._heads, label, key=lambda head: head.first) - 1, 0)

    def _place(self, index: int) -> Placed:
        ranges = inclusion_ranges(index, self.size)
        hashes = tuple(range_root(start, end, self._node) for start, end in ranges)
        return Placed(self._load(index // PART_WIDTH)[index % PART_WIDTH], index, hashes)

    def _node(self, height: int, index: int) -> bytes:
        """The root of the perfect subtree number `index` of 2**height entries."""
        if height >= PART_HEIGHT:
            width = 1 << (height - PART_HEIGHT)
            return perfect_root([head.root for head in self._heads[index * width : (index + 1) * width]])
        number, offset = divmod(index << height, PART_WIDTH)
        entries = self._load(number)[offset : offset + (1 << height)]
        return perfect_root([leaf_hash(entry.bytes) for entry in entries])


def shows_present(*, label: bytes, value: bytes, proof: MapProof, size: int, root: bytes) -> bool:
    """Whether the proof shows that the map of `size` entries under `root` has `label` with `value`."""
    if proof.found is None or proof.left is not None or proof.right is not None:
        return False
    return proof.found.entry == Entry(label, value) and _stands(proof.found, size, root)


def shows_absent(*, label: bytes, proof: MapProof, size: int, root: bytes) -> bool:
    """Whether the proof shows that the map of `size` entries under `root` does not have `label`."""
    left, right = proof.left, proof.right
    if proof.found is not None or len(label) != HASH_SIZE:
        return False
    if size == 0:
        return left is None and right is None and root == EMPTY_ROOT
    if left is None and right is None:
        return False
    if left is not None and not (left.entry.label < label and _stands(left, size, root)):
        return False
    if right is not None and not (label < right.entry.label and _stands(right, size, root)):
        return False
    before = left.index if left is not None else -1
    after = right.index if right is not None else size
    return after == before + 1


def _stands(placed: Placed, size: int, root: bytes) -> bool:
    entry = placed.entry
    if len(entry.label) != HASH_SIZE or len(entry.value) != HASH_SIZE:
        return False
    return verify_inclusion(leaf=leaf_hash(entry.bytes), index=placed.index, size=size, proof=placed.hashes, root=root)
