"""Dispatch: a best-effort nudge after the commit. The row is the job; a lost nudge costs seconds, never work.

The broker may hang: a thread of its own publishes for the whole process. The first nudge leaves at once; those that
come in its wake leave together, by one command however many they are.
"""

import atexit
import os
import threading
import time
from collections import defaultdict, deque
from contextlib import suppress
from functools import partial
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from approvals.adapters.task_messages import Message, TaskMessages

log = structlog.get_logger(__name__)

wake = threading.Event()
"""The embedded worker's loop waits on this event."""

TASKS = {
    "decide": "approvals.decide_requests",
    "execute": "approvals.execute_requests",
    "reconcile": "approvals.reconcile_requests",
}
"""Names of the Celery tasks in `approvals.tasks`."""

# A worker takes the requests of one message in turn: more would keep other workers idle. What is lost with a worker
# that is killed in between is found by the sweep.
_TOGETHER = 8
_PAUSE_SECONDS = 0.05
_KEPT = 10_000


def nudge(task: str, request_id: UUID) -> None:
    """Say that a request is due, once the surrounding transaction has committed. `task`: decide, execute, reconcile."""
    transaction.on_commit(partial(_send, task, request_id), robust=True)


def _send(task: str, request_id: UUID) -> None:
    if not getattr(settings, "REDIS_URL", None):
        wake.set()
        return
    _nudges.add(task, request_id)


class Nudges:
    """The nudges of this process that wait to be published."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[str, UUID]] = deque(maxlen=_KEPT)
        self._news = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._broker = TaskMessages()

    def add(self, task: str, request_id: UUID) -> None:
        """Never waits for the broker."""
        self._waiting.append((task, request_id))
        if self._thread is None:
            self._start()
        self._news.set()

    def publish(self) -> None:
        """Send all that waits. When the broker cannot be reached, all of it is dropped: the sweep finds the rows."""
        messages = self._take_all()
        try:
            self._broker.send(messages)
        except Exception as error:  # noqa: BLE001 - the sweep finds the rows anyway
            log.warning("nudges lost", count=sum(len(ids) for _, ids in messages), error=type(error).__name__)

    def _take_all(self) -> list[Message]:
        ids: defaultdict[str, list[UUID]] = defaultdict(list)
        with suppress(IndexError):  # all taken
            while True:
                task, request_id = self._waiting.popleft()
                ids[task].append(request_id)
        return [
            (TASKS[task], waiting[start : start + _TOGETHER])
            for task, waiting in ids.items()
            for start in range(0, len(waiting), _TOGETHER)
        ]

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="nudges", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._news.wait()
            self._news.clear()
            self.publish()
            time.sleep(_PAUSE_SECONDS)


def _begin_anew() -> None:
    """A forked process has none of its parent's threads, and leaves to it what it has still to publish."""
    global _nudges  # noqa: PLW0603 - one per process
    _nudges = Nudges()


def _publish_rest() -> None:
    _nudges.publish()


_nudges = Nudges()
os.register_at_fork(after_in_child=_begin_anew)
atexit.register(_publish_rest)
