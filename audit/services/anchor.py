"""The anchor: the checkpoints in a file off the database, so that a database set back in time is noticed.

One file per ledger, named by its first leaf: DATA_DIR/ledger/anchor-<16 hex digits>.jsonl, a line a checkpoint.
"""

import base64
from dataclasses import dataclass
from pathlib import Path

import msgspec
from django.db import connection

from audit.adapters.files import append_line, create_once, last_line, ledger_dir
from audit.models import Checkpoint, LedgerLeaf

_STORED = """
    SELECT (SELECT leaf_hash FROM audit_ledgerleaf WHERE leaf_index = 0),
           (SELECT MAX(leaf_index) FROM audit_ledgerleaf),
           (SELECT COUNT(*) FROM (SELECT 1 FROM audit_checkpoint LIMIT 2) AS signed)"""


class AnchorError(RuntimeError):
    """The anchor cannot be written or read, or the database is behind it."""

    code = "ledger_behind_anchor"


class AnchorLine(msgspec.Struct, frozen=True):
    """One line of the file. `root` is base64."""

    size: int
    root: str
    note: str


@dataclass(frozen=True, slots=True)
class AnchorState:
    """How the database stands to its anchor. `is_behind`: it cannot be shown to have all that was anchored, so effects
    must be refused; `is_missing`: for checkpoints were signed, and there is no anchor to hold them against."""

    local_size: int
    anchored_size: int
    is_behind: bool
    is_missing: bool = False

    @property
    def words(self) -> str:
        """What is wrong, in words; empty when nothing is."""
        if self.is_missing:
            return f"{self.local_size} leaves, checkpoints were signed, and their anchor is not in DATA_DIR"
        return f"{self.local_size} leaves, behind the {self.anchored_size} that were anchored" if self.is_behind else ""


def check_anchor() -> AnchorState:
    """Compare the tree in the database with the newest anchored checkpoint. Raises AnchorError when it cannot be read.

    Behind means: fewer leaves than anchored, or not the anchored checkpoint at that size (set back and grown anew), or
    no anchor although checkpoints were signed. The file is there, empty, before the first of them is (`open_anchor`): a
    line that did not follow a first checkpoint is written with the second. One query, and one more where an anchor is.
    """
    first, local_size, signed = _read_stored()
    path = _path_of(first)
    anchored = None if path is None else _read(path)
    if anchored is None:
        is_missing = signed > 1 or (signed == 1 and (path is None or not path.exists()))
        return AnchorState(local_size=local_size, anchored_size=0, is_behind=is_missing, is_missing=is_missing)
    root = Checkpoint.objects.filter(size=anchored.size).values_list("root", flat=True).first()
    is_known = root is not None and base64.b64encode(bytes(root)).decode() == anchored.root
    return AnchorState(
        local_size=local_size,
        anchored_size=anchored.size,
        is_behind=local_size < anchored.size or not is_known,
    )


def list_other_anchors() -> list[str]:
    """Names of the anchors in DATA_DIR that are of another ledger than the database's.

    Wiped and begun anew, a ledger has another first leaf and so another file: the old one stays behind as its trace.
    """
    own = _path()
    return sorted(path.name for path in ledger_dir().glob("anchor-*.jsonl") if path != own)


def open_anchor() -> None:
    """Make the ledger's anchor, empty, before its first checkpoint is signed: from then on a file that is not there was
    taken away. Raises AnchorError when it cannot be made."""
    path = _path()
    if path is None:
        raise AnchorError("an empty ledger cannot be anchored")
    try:
        create_once(path, b"")
    except OSError as error:
        raise AnchorError(f"the anchor `{path.name}` cannot be made: {error.strerror}") from error


def anchor_checkpoint(*, size: int, root: bytes, note: str) -> None:
    """Append a committed checkpoint to the anchor. Raises AnchorError when the file cannot be written."""
    path = _path()
    if path is None:
        raise AnchorError("an empty ledger cannot be anchored")
    line = AnchorLine(size=size, root=base64.b64encode(root).decode(), note=note)
    try:
        append_line(path, msgspec.json.encode(line))
    except OSError as error:
        raise AnchorError(f"the anchor of checkpoint {size} cannot be written: {error.strerror}") from error


def _read_stored() -> tuple[bytes | None, int, int]:
    """The first leaf's hash, the number of leaves, and how many checkpoints were signed, two for more."""
    with connection.cursor() as cursor:
        cursor.execute(_STORED)
        first, newest, signed = cursor.fetchone()
    return first if first is None else bytes(first), 0 if newest is None else newest + 1, signed


def _path() -> Path | None:
    first = LedgerLeaf.objects.filter(leaf_index=0).values_list("leaf_hash", flat=True).first()
    return _path_of(None if first is None else bytes(first))


def _path_of(first: bytes | None) -> Path | None:
    return None if first is None else ledger_dir() / f"anchor-{first.hex()[:16]}.jsonl"


def _read(path: Path) -> AnchorLine | None:
    try:
        line = last_line(path)
        return msgspec.json.decode(line, type=AnchorLine) if line else None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise AnchorError(f"the anchor `{path.name}` cannot be read") from error
