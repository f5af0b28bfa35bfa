"""Export: the signed ledger as a directory of files that third-party tools read and verify.

    checkpoint              newest signed note
    verifier.key            origin, key id and public key, to be compared with the one pinned
    tile/<L>/<NNN>[.p/<W>]  hashes of the tree, 32 bytes each
    tile/entries/<NNN>[.p/<W>]   bodies, each behind its length in 16 bits, big-endian
    rotations               notes by which earlier keys introduced later ones, where there are any
    values/<NNN>[.p/<W>]    with values: a line of JSON for each event of that bundle whose values are kept
    countersign_verify.py   the verifier, for whoever has no other copy

Source: C2SP tlog-tiles (paths, partial tiles, entry bundles).
"""

import struct
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction

from audit.domain.body import read_values
from audit.domain.event import Actor, NewEvent, Subject
from audit.domain.note import verifier_key
from audit.domain.receipt import format_values, one_spelling
from audit.domain.tiles import TILE_HEIGHT, TILE_WIDTH
from audit.models import ErasableValues, LedgerLeaf
from audit.selectors.checkpoint import SignedHead, get_newest_checkpoint
from audit.selectors.tree import get_tile_hashes
from audit.services.append import append_event
from audit.services.known_keys import list_rotation_notes, open_known
from audit.services.signing_key import get_origin
from audit.services.snapshot import read_snapshot
from audit.services.verifier_program import NAME, read_verifier_program

OPERATOR = Actor("system", "operator")


class ExportError(RuntimeError):
    """There is nothing signed to export, or the directory is not empty."""

    code = "export_refused"


def export_ledger(*, path: Path, now: datetime, actor: Actor = OPERATOR, has_values: bool = False) -> int:
    """Write everything under the newest checkpoint to the empty or new directory `path`; returns the number of events.

    With `has_values` also what the events commit to and was not erased: personal data, for who may have it.
    Commits `ledger.exported` before anything is written. Raises ExportError, DamagedTreeError, OSError,
    LedgerUnavailableError: then nothing leaves.
    """
    path.mkdir(parents=True, exist_ok=True)
    if any(path.iterdir()):
        raise ExportError(f"`{path}` is not empty")
    head = get_newest_checkpoint()
    if head is None:
        raise ExportError("no checkpoint is signed yet")
    _record(head, actor, has_values=has_values, now=now)
    with read_snapshot():
        _write_tiles(path, head)
        _write_entries(path, head, has_values=has_values)
    _, key = open_known(head.note)
    _write(path / "verifier.key", f"{verifier_key(get_origin(), key)}\n".encode())
    if notes := list_rotation_notes(size=head.size):
        _write(path / "rotations", one_spelling(notes) + b"\n")
    _write(path / NAME, read_verifier_program())
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


def _write_entries(path: Path, head: SignedHead, *, has_values: bool) -> None:
    for n, width in _tiles(head.size):
        leaves = LedgerLeaf.objects.filter(leaf_index__gte=n * TILE_WIDTH, leaf_index__lt=n * TILE_WIDTH + width)
        rows = list(leaves.order_by("leaf_index").values_list("leaf_index", "event_id", "event__body"))
        bundle = b"".join(struct.pack(">H", len(body)) + bytes(body) for _, _, body in rows)
        _write(path / "tile" / "entries" / tile_path(n, width), bundle)
        lines = _value_lines([(index, event_id) for index, event_id, _ in rows]) if has_values else b""
        if lines:
            _write(path / "values" / tile_path(n, width), lines)


def _value_lines(rows: Sequence[tuple[int, UUID]]) -> bytes:
    kept = ErasableValues.objects.filter(event_id__in=[event_id for _, event_id in rows])
    found = dict(kept.values_list("event_id", "content"))
    lines = [
        one_spelling({"leaf": index, "values": format_values(read_values(bytes(found[event_id])))}) + b"\n"
        for index, event_id in rows
        if event_id in found
    ]
    return b"".join(lines)


def _record(head: SignedHead, actor: Actor, *, has_values: bool, now: datetime) -> None:
    event = NewEvent(
        type="ledger.exported",
        workspace="",
        actor=actor,
        subject=Subject("ledger", get_origin()),
        correlation_id=f"ledger-export-{head.size}",
        data={"size": head.size, "root": head.root.hex(), "values": has_values},
    )
    with transaction.atomic():
        append_event(event, now=now)


def _tiles(size: int) -> list[tuple[int, int]]:
    """Number and width of each tile that holds `size` hashes."""
    return [(n, min(TILE_WIDTH, size - n * TILE_WIDTH)) for n in range(-(-size // TILE_WIDTH))]


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
