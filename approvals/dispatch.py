"""Dispatch: a best-effort nudge after the commit. The row is the job; a lost nudge costs seconds, never work."""

import threading
from uuid import UUID

wake = threading.Event()
"""The embedded worker's loop waits on this event."""


def nudge(task: str, request_id: UUID) -> None:
    """Say that a request is due, once the surrounding transaction has committed. `task`: decide, execute or reconcile."""
    raise NotImplementedError
