"""Connections kept open between calls, by origin, for the whole process: a TLS handshake costs more than most calls."""

import atexit
import os
import threading
import time
from collections import defaultdict
from urllib.parse import SplitResult

from crm_connectors.adapters.guarded_wire import Limits, Wire

MAX_IDLE = 8
"""Kept open at most for one origin. More can be in use at once."""

MAX_IDLE_SECONDS = 20.0
"""An older one is not used again: the other side may hang up just as a write leaves, and its outcome be unknown."""

_Key = tuple[str, str, int | None]


class WirePool:
    """Idle wires, the last used first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: defaultdict[_Key, list[tuple[float, Wire]]] = defaultdict(list)

    def take(self, origin: SplitResult, limits: Limits) -> Wire:
        """An idle wire that still stands, or a new one that is not connected yet. Touches no network."""
        while (kept := self._pop(origin)) is not None:
            idle_since, wire = kept
            if time.monotonic() - idle_since <= MAX_IDLE_SECONDS and wire.is_open:
                wire.limits = limits
                return wire
            wire.close()
        return Wire(origin, limits)

    def give_back(self, origin: SplitResult, wire: Wire) -> None:
        """After a whole answer. What the other side closed, and what is too many, is closed."""
        with self._lock:
            idle = self._idle[_key(origin)]
            if wire.is_open and len(idle) < MAX_IDLE:
                idle.append((time.monotonic(), wire))
                return
        wire.close()

    def close(self) -> None:
        """Hang up on everyone."""
        with self._lock:
            for idle in self._idle.values():
                while idle:
                    idle.pop()[1].close()

    def _pop(self, origin: SplitResult) -> tuple[float, Wire] | None:
        with self._lock:
            idle = self._idle[_key(origin)]
            return idle.pop() if idle else None


def _key(origin: SplitResult) -> _Key:
    return origin.scheme, origin.hostname or "", origin.port


def get_pool() -> WirePool:
    """The pool of this process."""
    return _pool


def _close() -> None:
    _pool.close()


def _begin_anew() -> None:
    """A forked process must not speak over its parent's sockets."""
    global _pool  # noqa: PLW0603 - one per process
    _pool = WirePool()


_pool = WirePool()
os.register_at_fork(after_in_child=_begin_anew)
atexit.register(_close)
