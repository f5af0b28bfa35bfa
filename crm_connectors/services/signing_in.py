"""One sign-in of a connection at a time, over all threads and processes: a refresh token may serve but once (IDN-05).

PostgreSQL: a session advisory lock, freed by the server when its holder dies. SQLite: a lock on a file of DATA_DIR,
freed by the kernel.
"""

import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings
from django.db import connection

from crm_connectors.port import LimitedError

WAIT_SECONDS = 15.0
"""How long a call waits for another one's sign-in before it is put off."""
_PAUSE = 0.05


@contextmanager
def alone_signing_in(connection_id: UUID) -> Iterator[None]:
    """Nobody else signs in for this connection while the block runs. Never inside a transaction. Raises LimitedError
    when another sign-in takes too long."""
    if connection.vendor == "postgresql":
        yield from _by_session(connection_id)
    else:
        yield from _by_file(connection_id)


def _by_session(connection_id: UUID) -> Iterator[None]:
    key = int.from_bytes(hashlib.sha256(b"sign-in" + connection_id.bytes).digest()[:8], "big", signed=True)

    def take() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s::bigint)", [key])
            return bool(cursor.fetchone() == (True,))

    try:
        _wait_for(take)
    except BaseException:  # as where an action is held: the connection may hold it, and nobody knows
        connection.close()
        raise
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s::bigint)", [key])


def _by_file(connection_id: UUID) -> Iterator[None]:
    path = settings.DATA_DIR / f"sign-in-{connection_id}.lock"
    handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)

    def take() -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    try:
        _wait_for(take)
        yield
    finally:
        os.close(handle)


def _wait_for(take: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + WAIT_SECONDS
    while not take():
        if time.monotonic() > give_up_at:
            raise LimitedError("another sign-in of this connection is under way", retry_after_seconds=WAIT_SECONDS)
        time.sleep(_PAUSE)
