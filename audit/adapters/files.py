"""Files of the ledger beside the database, under DATA_DIR/ledger: written once, synced before anyone relies on them."""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings


def ledger_dir() -> Path:
    """DATA_DIR/ledger, made on demand, readable by its owner alone."""
    path = Path(settings.DATA_DIR) / "ledger"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def create_once(path: Path, content: bytes) -> bytes:
    """Write `content` (mode 0600) unless the file exists; returns what it holds then. Safe against a second writer."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with _open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as descriptor:
        _write(descriptor, content)
    try:
        os.link(draft, path)  # atomic, and refused when another process came first
        _sync_directory(path.parent)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_bytes()


def append_line(path: Path, line: bytes) -> None:
    """Append one line and sync it to the disk; returns only once it is there. Closes a torn last line first.

    Raises OSError (disk full, read-only).
    """
    with locked(path) as descriptor:
        end = os.lseek(descriptor, 0, os.SEEK_END)
        is_torn = end > 0 and os.pread(descriptor, 1, end - 1) != b"\n"
        _write(descriptor, (b"\n" if is_torn else b"") + line + b"\n")


@contextlib.contextmanager
def locked(path: Path) -> Iterator[int]:
    """The file opened for reading and appending, under an exclusive lock between processes."""
    while True:
        is_new = not path.exists()
        with _open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND) as descriptor:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if not _is_still(path, descriptor):
                continue  # it was moved away while we waited for the lock
            if is_new:
                _sync_directory(path.parent)
            yield descriptor
            return


def move_away(path: Path, target: Path) -> None:
    """Rename a file, once nobody is writing to it; the next writer makes a new one. Raises FileNotFoundError."""
    path.stat()  # the lock would make it, empty, and the rename put that in the target's place
    with locked(path):
        path.rename(target)
        _sync_directory(path.parent)


def remove(path: Path) -> None:
    """Delete a file for good, power failure or not."""
    path.unlink()
    _sync_directory(path.parent)


def last_line(path: Path) -> bytes:
    """The last whole line of a file of lines up to 64 KiB, b"" when there is none; reads only the end."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 2 * 65_536))
            lines = file.read(2 * 65_536).split(b"\n")[:-1]  # what follows the last newline is torn
    except FileNotFoundError:
        return b""
    return lines[-1] if lines else b""


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def _open(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, flags, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _write(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
    os.fsync(descriptor)


def _sync_directory(path: Path) -> None:
    with _open(path, os.O_RDONLY) as descriptor:
        os.fsync(descriptor)
