"""A batch on standard output: whole, in one piece, and never waiting for ever for a reader (AUD-05)."""

import os
import select
import sys
import threading
import time
from contextlib import suppress

TOTAL_SECONDS = 20.0
_lock = threading.Lock()
_torn: set[int] = set()
"""Descriptors whose last line is not whole: its batch broke off."""


def write_stdout(content: bytes) -> None:
    """Write whole lines. A line that an earlier batch left torn is closed first.

    Raises OSError (disk full, no reader any more), TimeoutError: nobody read within TOTAL_SECONDS.
    """
    descriptor = sys.__stdout__.fileno() if sys.__stdout__ else 1
    with _lock:
        view = memoryview((b"\n" if descriptor in _torn else b"") + content)
        _torn.add(descriptor)
        _write(descriptor, view, time.monotonic() + TOTAL_SECONDS)
        _torn.discard(descriptor)


def _write(descriptor: int, view: memoryview, ends_at: float) -> None:
    while view:
        if not select.select([], [descriptor], [], max(0.0, ends_at - time.monotonic()))[1]:
            raise TimeoutError("nobody reads standard output")
        with suppress(BlockingIOError):
            view = view[os.write(descriptor, view[: select.PIPE_BUF]) :]  # as much as a ready pipe takes at once
