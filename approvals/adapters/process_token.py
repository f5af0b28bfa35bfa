"""Which process this is, and whether another one still lives: the embedded way's stand-in for a database session.

On SQLite there is no session whose end frees a lock. Instead each process holds an exclusive lock on a small file of
its own; the kernel frees it when the process ends, however it ends (`kill -9` included).
"""

import fcntl
import os
import re
import threading
import uuid
from pathlib import Path

from django.conf import settings

_tokens: dict[int, str] = {}
"""Process id → token. Its lock lives on a file descriptor that stays open until the process ends."""
_mutex = threading.Lock()
_TOKEN = re.compile(r"[0-9a-f]{32}")


def process_token() -> str:
    """This process's token (32 hex digits), made once; a forked child makes its own."""
    pid = os.getpid()
    with _mutex:
        if pid not in _tokens:
            token = uuid.uuid4().hex
            fcntl.flock(os.open(_path(token), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600), fcntl.LOCK_EX)
            _tokens[pid] = token
        return _tokens[pid]


def is_alive(token: str) -> bool:
    """Whether the process of this token still runs. A token that names no file is dead."""
    if token == process_token():
        return True
    if not _TOKEN.fullmatch(token) or not (path := _path(token)).exists():
        return False
    with path.open("rb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    path.unlink(missing_ok=True)
    return False


def _path(token: str) -> Path:
    folder = Path(settings.DATA_DIR) / "workers"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{token}.lock"
