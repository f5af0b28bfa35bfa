"""Export: the signed ledger as a directory of files that third-party tools read and verify.

    checkpoint              newest signed note
    verifier.key            origin, key id and public key, to be compared with the one pinned
    tile/<L>/<NNN>[.p/<W>]  hashes of the tree, 32 bytes each
    tile/entries/<NNN>[.p/<W>]   bodies, each behind its length in 16 bits, big-endian

Source: C2SP tlog-tiles (paths, partial tiles, entry bundles).
"""

import struct
from pathlib import Path

from audit.domain.tiles import TILE_HEIGHT, TILE_WIDTH
from audit.models import LedgerLeaf
from audit.selectors.checkpoint import SignedHead, get_newest_checkpoint
from audit.selectors.tree import get_tile_hashes
from audit.services.signing_key import get_verifier_key
from audit.services.snapshot import read_snapshot


class ExportError(RuntimeError):
    """There is nothing signed to export, or the directory is not empty."""

    code = "export_refused"


def export_ledger(*, path: Path) -> int:
    """Write everything under the newest checkpoint to the empty or new directory `path`; returns the number of events.

    Erasable values are not exported. Raises ExportError, DamagedTreeError, OSError.
    """
    path.mkdir(parents=True, exist_ok=True)
    if any(path.iterdir()):
        raise ExportError(f"`{path}` is not empty")
    with read_snapshot():
        head = get_newest_checkpoint()
        if head is None:
            raise ExportError("no checkpoint is signed yet")
        _write_tiles(path, head)
        _write_entries(path, head)
    _write(path / "verifier.key", f"{get_verifier_key()}\n".encode())
    _write(path / "checkpoint", head.note.encode())
    return head.size


def tile_path(n: int, width: int) -> str:
    """`000`, `x001/234`, `x001/234.p/17`: the number in groups of three digits, partial tiles with their width."""
    digits = f"{n:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
    return name if width == TILE_WIDTH else f"{name}.p/{width}"


def _write_tiles(path: Path, head: SignedHead) -> None:
    level = 0
    while head.size >> (TILE_HEIGHT * level):
        for n, width in _tiles(head.size >> (TILE_HEIGHT * level)):
            hashes = b"".join(get_tile_hashes(level, n, width))
            _write(path / "tile" / str(level) / tile_path(n, width), hashes)
        level += 1


def _write_entries(path: Path, head: SignedHead) -> None:
    for n, width in _tiles(head.size):
        rows = LedgerLeaf.objects.filter(leaf_index__gte=n * TILE_WIDTH, leaf_index__lt=n * TILE_WIDTH + width)
        bodies = [bytes(body) for body in rows.order_by("leaf_index").values_list("event__body", flat=True)]
        bundle = b"".join(struct.pack(">H", len(body)) + body for body in bodies)
        _write(path / "tile" / "entries" / tile_path(n, width), bundle)


def _tiles(size: int) -> list[tuple[int, int]]:
    """Number and width of each tile that holds `size` hashes."""
    return [(n, min(TILE_WIDTH, size - n * TILE_WIDTH)) for n in range(-(-size // TILE_WIDTH))]


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
