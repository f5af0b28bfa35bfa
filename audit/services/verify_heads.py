"""Comparing recomputed roots with the stored checkpoints while the tree grows past their sizes."""

from collections.abc import Iterator

from audit.domain.note import InvalidNoteError, TreeHead, open_checkpoint
from audit.domain.report import Findings
from audit.domain.tiles import TiledTree
from audit.models import Checkpoint
from audit.services.known_keys import list_public_keys
from audit.services.signing_key import get_origin

_BATCH = 500


class HeadChecker:
    """Walks the checkpoints by size. `next_size` is the size at which `check` wants to see the tree; -1 when done."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._keys = list_public_keys()
        self._rows = _iter_checkpoints()
        self._row: Checkpoint | None = None
        self._advance()

    def check(self, tree: TiledTree) -> None:
        """Compare the checkpoint at `next_size`, which must be the tree's size, and go to the next one."""
        row = self._row
        if row is None:
            return
        root = tree.root()
        if root != bytes(row.root):
            self._findings.add("root_changed", f"checkpoint {row.size}: its root is not that of the events")
        self._check_note(row)
        self._advance()

    def finish(self, tree: TiledTree) -> None:
        """What is left was signed over leaves that are not there."""
        while self._row is not None:
            self._check_note(self._row)
            self._findings.add(
                "leaves_missing", f"checkpoint {self._row.size} was signed, but there are {tree.size} leaves"
            )
            self._advance()

    def _check_note(self, row: Checkpoint) -> None:
        try:
            head = self._open(row.note)
        except InvalidNoteError as error:
            self._findings.add("checkpoint_forged", f"checkpoint {row.size}: {error}")
            return
        if head.size != row.size or head.root != bytes(row.root):
            self._findings.add("checkpoint_changed", f"checkpoint {row.size}: the row is not what was signed")

    def _open(self, note: str) -> TreeHead:
        """By the keys that may have signed it. INVARIANT: once a key has signed, none before it signs again."""
        failure = InvalidNoteError("no key of this ledger")
        for place, key in reversed(list(enumerate(self._keys))):
            try:
                head = open_checkpoint(note, origin=get_origin(), public_key=key)
            except InvalidNoteError as error:
                failure = error
                continue
            self._keys = self._keys[: place + 1]
            return head
        raise failure

    def _advance(self) -> None:
        self._row = next(self._rows, None)
        self.next_size = -1 if self._row is None else self._row.size


def _iter_checkpoints() -> Iterator[Checkpoint]:
    """All checkpoints by size, in batches (keyset), so that memory stays bounded."""
    size = -1
    while True:
        batch = list(Checkpoint.objects.filter(size__gt=size).order_by("size")[:_BATCH])
        yield from batch
        if len(batch) < _BATCH:
            return
        size = batch[-1].size
