"""Who is working on an action right now: a lock that ends with its holder, however the holder ends (EXE-02).

PostgreSQL: a session advisory lock, freed by the server when the connection dies; it needs a session of our own, so no
transaction-pooling proxy between (docs/limitations.md). SQLite: a set in this process, and the process's own life.
It is never what makes a claim safe (that is the fencing epoch); it tells the reaper whom not to disturb.
"""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection

from approvals.adapters.process_token import is_alive, process_token

_mutex = threading.Lock()
_held: set[UUID] = set()


def worker_identity(worker: str) -> str:
    """The worker's name with this process's token, as attempts keep it."""
    return f"{worker[:80]}@{process_token()}"


@contextmanager
def hold_action(request_id: UUID) -> Iterator[bool]:
    """Hold the action as long as the block runs. Yields False, at once, when someone else holds it."""
    with _mutex:
        is_ours = request_id not in _held
        if is_ours:
            _held.add(request_id)
    if not is_ours:
        yield False
        return
    try:
        yield from _hold_session(request_id)
    finally:
        with _mutex:
            _held.discard(request_id)


def is_abandoned(worker: str) -> bool:
    """Whether the process behind an attempt's worker is gone. Ask it while holding the action: on PostgreSQL holding is
    proof enough, on SQLite only a dead process, or our own that does not hold it, is.
    """
    if connection.vendor == "postgresql":
        return True
    token = worker.rpartition("@")[2]
    return token == process_token() or not is_alive(token)


def _hold_session(request_id: UUID) -> Iterator[bool]:
    if connection.vendor != "postgresql":
        yield True
        return
    key = int.from_bytes(hashlib.sha256(request_id.bytes).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        is_ours = bool(cursor.fetchone()[0])
    try:
        yield is_ours
    finally:
        if is_ours and not connection.needs_rollback and connection.connection is not None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
