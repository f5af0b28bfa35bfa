"""Who is working on an action right now: a lock that ends with its holder, however the holder ends (EXE-02).

PostgreSQL: a session advisory lock, freed by the server when the connection dies; it needs a session of our own, so no
transaction-pooling proxy between (docs/limitations.md). SQLite: a set in this process, and the process's own life.
It is never what makes a claim safe (that is the fencing epoch); it tells the reaper whom not to disturb.
"""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from django.db import connection

from approvals.adapters.process_token import is_alive, process_token
from audit.selectors.prepared import prepared_cursor

_mutex = threading.Lock()
_held: set[UUID] = set()


def worker_identity(worker: str) -> str:
    """The worker's name with this process's token, as attempts keep it."""
    return f"{worker[:80]}@{process_token()}"


@contextmanager
def hold_action(request_id: UUID) -> Iterator[bool]:
    """Hold the action as long as the block runs. Yields False, at once, when someone else holds it."""
    with hold_actions([request_id]) as held:
        yield bool(held)


@contextmanager
def hold_actions(request_ids: Sequence[UUID]) -> Iterator[list[UUID]]:
    """Hold those of these actions that nobody else holds, and yield them; two statements for any number."""
    with _mutex:
        free = [request_id for request_id in dict.fromkeys(request_ids) if request_id not in _held]
        _held.update(free)
    try:
        yield from _hold_session(free)
    finally:
        with _mutex:
            _held.difference_update(free)


def is_abandoned(worker: str) -> bool:
    """Whether the process behind an attempt's worker is gone. Ask it while holding the action: on PostgreSQL holding is
    proof enough, on SQLite only a dead process, or our own that does not hold it, is.
    """
    if connection.vendor == "postgresql":
        return True
    token = worker.rpartition("@")[2]
    return token == process_token() or not is_alive(token)


def _hold_session(request_ids: list[UUID]) -> Iterator[list[UUID]]:
    if connection.vendor != "postgresql" or not request_ids:
        yield request_ids
        return
    keys = {_key(request_id): request_id for request_id in request_ids}
    try:
        with prepared_cursor() as cursor:
            cursor.execute("SELECT k FROM unnest(%s::bigint[]) AS k WHERE pg_try_advisory_lock(k)", [list(keys)])
            held = [key for (key,) in cursor.fetchall()]
    except BaseException:  # a time limit, say: nobody knows what is held, and the connection would keep it
        connection.close()
        raise
    try:
        yield [keys[key] for key in held]
    finally:
        if held and not connection.needs_rollback and connection.connection is not None:
            with prepared_cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(k) FROM unnest(%s::bigint[]) AS k", [held])


def _key(request_id: UUID) -> int:
    return int.from_bytes(hashlib.sha256(request_id.bytes).digest()[:8], "big", signed=True)
