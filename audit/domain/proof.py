"""Inclusion and consistency proofs: which subtrees make one, and whether one holds. Knows no storage.

A proof is a sequence of 32-byte hashes, leaf → root. Verification never raises on foreign input: it answers False.
Source: RFC 6962 §2.1.1–2.1.2 (construction), RFC 9162 §2.1.3.2 and §2.1.4.2 (verification).
"""

from collections.abc import Callable, Sequence

from audit.domain.merkle import HASH_SIZE, fold_peaks, node_hash

Range = tuple[int, int]


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The leaf ranges [start, end) whose roots prove leaf `index` in a tree of `size`. Requires 0 ≤ index < size."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    ranges, start, end = [], 0, size
    while end - start > 1:
        middle = start + _left_width(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(first: int, second: int) -> list[Range]:
    """The leaf ranges whose roots prove the tree of `first` a prefix of `second`. Requires 0 < first ≤ second."""
    if not 0 < first <= second:
        raise ValueError(f"no proof from size {first} to {second}")
    ranges, start, end = [], 0, second
    while first != end:
        middle = start + _left_width(end - start)
        if first <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start > 0:  # the verifier knows the whole old root, but no inner node of it
        ranges.append((start, end))
    return ranges[::-1]


def range_root(start: int, end: int, node: Callable[[int, int], bytes]) -> bytes:
    """Root over leaves [start, end) of a range above; `node(height, index)` gives a perfect subtree's hash."""
    peaks = []
    while start < end:
        height = (end - start).bit_length() - 1
        peaks.append(node(height, start >> height))
        start += 1 << height
    return fold_peaks(peaks)


def verify_inclusion(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that leaf hash `leaf` is number `index` of the tree of `size` leaves with `root`."""
    if not 0 <= index < size or any(len(item) != HASH_SIZE for item in proof):
        return False
    at, last, result = index, size - 1, leaf
    for item in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            result = node_hash(item, result)
            at, last = _skip_levels(at, last)
        else:
            result = node_hash(result, item)
        at, last = at >> 1, last >> 1
    return last == 0 and result == root


def verify_consistency(
    *, first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether `proof` shows that the tree of `first` leaves is a prefix of the tree of `second`.

    Size 0 is refused: a first checkpoint is pinned, never proven.
    """
    if not 0 < first <= second or any(len(item) != HASH_SIZE for item in proof):
        return False
    if first == second:
        return not proof and first_root == second_root
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for item in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(item, old), node_hash(item, new)
            at, last = _skip_levels(at, last)
        else:
            new = node_hash(new, item)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _left_width(width: int) -> int:
    """The largest power of two smaller than `width` (RFC 6962 §2.1). Requires width > 1."""
    return 1 << ((width - 1).bit_length() - 1)


def _skip_levels(at: int, last: int) -> tuple[int, int]:
    """Climb the levels on which a node on the right edge has no sibling."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last
