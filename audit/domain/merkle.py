"""The Merkle tree of the ledger: hashes and the right edge. Knows no storage.

Hashes are 32 bytes of SHA-256. Source: RFC 6962 §2.1, RFC 9162 §2.1.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(body: bytes) -> bytes:
    """Hash of an entry: SHA-256(0x00 ‖ body)."""
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256(0x01 ‖ left ‖ right). The prefix keeps a node from passing as a leaf."""
    return sha256(b"\x01" + left + right).digest()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """Root over `hashes`, whose number must be a power of two (else ValueError)."""
    count = len(hashes)
    if count == 0 or count & (count - 1):
        raise ValueError(f"a perfect tree has a power of two of leaves, not {count}")
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def fold_peaks(peaks: Sequence[bytes]) -> bytes:
    """Root over perfect subtrees ordered from the largest (left) to the smallest (right); EMPTY_ROOT when none."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


class CompactRange:
    """The peaks of a growing tree: all that is needed to append and to know the root. O(log n) memory."""

    __slots__ = ("peaks", "size")

    def __init__(self, hashes: Iterable[bytes] = ()) -> None:
        self.size = 0
        self.peaks: list[bytes] = []
        for item in hashes:
            self.append(item)

    def append(self, item: bytes) -> None:
        """Add one hash at the right: merges as many equal peaks as `size` has trailing one bits."""
        size, peaks = self.size, self.peaks
        self.size = size + 1
        while size & 1:
            item = sha256(b"\x01" + peaks.pop() + item).digest()
            size >>= 1
        peaks.append(item)

    def root(self) -> bytes:
        return fold_peaks(self.peaks)
