"""The anchor: the checkpoints in a file off the database, so that a database set back in time is noticed.

One file per ledger, named by its first leaf: DATA_DIR/ledger/anchor-<16 hex digits>.jsonl, a line a checkpoint.
"""

import base64
from dataclasses import dataclass
from pathlib import Path

import msgspec

from audit.adapters.files import append_line, last_line, ledger_dir
from audit.models import Checkpoint, LedgerLeaf
from audit.selectors.tree import get_tree_size


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
    """How the database stands to its anchor. `is_behind`: it lacks what was anchored, so effects must be refused."""

    local_size: int
    anchored_size: int
    is_behind: bool


def check_anchor() -> AnchorState:
    """Compare the tree in the database with the newest anchored checkpoint. Raises AnchorError when it cannot be read.

    Behind means: fewer leaves than anchored, or not the anchored checkpoint at that size (set back and grown anew).
    An empty ledger has no anchor yet.
    """
    path = _path()
    anchored = None if path is None else _read(path)
    local_size = get_tree_size()
    if anchored is None:
        return AnchorState(local_size=local_size, anchored_size=0, is_behind=False)
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


def _path() -> Path | None:
    first = LedgerLeaf.objects.filter(leaf_index=0).values_list("leaf_hash", flat=True).first()
    return None if first is None else ledger_dir() / f"anchor-{bytes(first).hex()[:16]}.jsonl"


def _read(path: Path) -> AnchorLine | None:
    try:
        line = last_line(path)
        return msgspec.json.decode(line, type=AnchorLine) if line else None
    except (OSError, msgspec.DecodeError) as error:
        raise AnchorError(f"the anchor `{path.name}` cannot be read") from error
