"""The maildir of a connection under DATA_DIR/mail: staged in `tmp`, delivered by one link into `new`, never twice."""

import os
from pathlib import Path
from uuid import UUID

from django.conf import settings

_OWNER_ONLY = 0o700


def stage_message(connection_id: UUID, name: str, message: bytes) -> Path:
    """Write and sync the message where no reader looks. Nothing is delivered yet. Raises OSError."""
    staged = _folder(connection_id, "tmp") / name
    _write_synced(staged, message)
    return staged


def deliver_message(connection_id: UUID, staged: Path) -> None:
    """Deliver a staged message. Raises FileExistsError when it was delivered before, OSError when it cannot be."""
    new = _folder(connection_id, "new")
    os.link(staged, new / staged.name)
    sync_folder(new)
    staged.unlink()


def is_delivered(connection_id: UUID, name: str) -> bool:
    return (_folder(connection_id, "new") / name).exists()


def read_message(connection_id: UUID, name: str) -> bytes | None:
    """The message as it left, None when it did not."""
    path = _folder(connection_id, "new") / name
    return path.read_bytes() if path.exists() else None


def sync_folder(folder: Path) -> None:
    """Make a new name survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _folder(connection_id: UUID, part: str) -> Path:
    folder: Path = settings.DATA_DIR / "mail" / str(connection_id) / part
    folder.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
    return folder
