"""Web, worker and scheduler in one command, with no service beside it (OPS-01).

gunicorn's master forks one web process; in it run the request threads and ten loops: work, ledger, follow, notify,
sink, study, bulk revert, watch, quality and report.
Killed at any instruction it loses nothing: what was due is in the tables, and the loops take it up again.
"""

import fcntl
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections, connections
from gunicorn.app.base import BaseApplication

from approvals.dispatch import wake
from approvals.services.bulk_turn import work_on_bulk_reverts
from approvals.services.erasing import erase_due_values
from approvals.services.followers import follow_ledger
from approvals.services.ledger_export_working import work_on_exports
from approvals.services.ledger_sending import send_ledger_on
from approvals.services.notifying import send_due
from approvals.services.quality_turn import keep_quality
from approvals.services.report_turn import keep_reports
from approvals.services.rollback_working import work_on_rollback_drills
from approvals.services.study import study
from approvals.services.sweep import run_due
from approvals.services.watch import watch
from audit.selectors.clock import get_now
from audit.services.maintain import maintain_ledger
from config.warm_up import settle

IDLE_SECONDS = 1.0
STOP_SECONDS = 20.0
NOTIFY_SECONDS = 10.0
SINK_SECONDS = 5.0
STUDY_SECONDS = 2.0
BULK_SECONDS = 5.0
WATCH_SECONDS = 4.0
QUALITY_SECONDS = 5.0
REPORT_SECONDS = 20.0
THREADS = 8

logger = structlog.get_logger(__name__)


class EmbeddedError(Exception):
    """The embedded server cannot start; the message says what to do."""


@contextmanager
def sole_use_of(data_dir: Path) -> Iterator[None]:
    """Hold DATA_DIR for this process and its children. Raises EmbeddedError when another server holds it."""
    with (data_dir / "run_embedded.lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise EmbeddedError(f"process {file.read().strip()} already runs on `{data_dir}`") from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def refuse_busy_port(host: str, port: int) -> None:
    """Raises EmbeddedError when the port is taken or not ours to take, before anything is started."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise EmbeddedError(f"cannot listen on {host}:{port}: {error.strerror}; choose another --port") from error


class Loops:
    """The background threads of the web process. Each turn stands alone: an error is logged and the next turn comes."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._repeat, args=(turn, pause), name=turn.__name__, daemon=True)
            for turn, pause in (
                (_work_turn, wake),
                (_ledger_turn, self._stopping),
                (_follow_turn, self._stopping),
                (_notify_turn, self._stopping),
                (_sink_turn, self._stopping),
                (_study_turn, self._stopping),
                (_bulk_revert_turn, self._stopping),
                (_watch_turn, self._stopping),
                (_quality_turn, self._stopping),
                (_report_turn, self._stopping),
            )
        ]

    def start(self) -> None:
        """Start every loop."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let each loop finish its turn, for at most STOP_SECONDS; what is left is found by the next start."""
        self._stopping.set()
        wake.set()
        for thread in self._threads:
            thread.join(STOP_SECONDS)

    def _repeat(self, turn: Callable[[], None], pause: threading.Event) -> None:
        while not self._stopping.is_set():
            close_old_connections()  # one that broke is replaced; a healthy one stays
            try:
                turn()
            except Exception:
                logger.exception("loop.turn_failed", loop=turn.__name__)
            pause.wait(IDLE_SECONDS)
        connections.close_all()


def _work_turn() -> None:
    """Do what is due. A nudge from the clearing on wakes the next turn; what was nudged before is seen in this one."""
    wake.clear()
    run_due(worker=f"embedded-{os.getpid()}")


def _ledger_turn() -> None:
    maintain_ledger(now=get_now())


def _follow_turn() -> None:
    """What the ledger's news lead to: exceptions, notifications, samples."""
    follow_ledger()


def _notify_turn() -> None:
    """E-mails and webhooks, in a thread of their own: a mail server that hangs keeps nothing else waiting."""
    send_due(seconds=NOTIFY_SECONDS)


def _sink_turn() -> None:
    """The ledger's events on to other systems, in a thread of their own: one that hangs keeps nothing else waiting."""
    send_ledger_on(seconds=SINK_SECONDS)


def _study_turn() -> None:
    """Backtests, shadow runs and exports, in a thread of their own: they take seconds, and execution must not wait."""
    work_on_exports(seconds=STUDY_SECONDS)
    while study(seconds=STUDY_SECONDS):
        time.sleep(0)


def _bulk_revert_turn() -> None:
    """Bulk reverts and rollback drills, in a thread of their own: a slow CRM keeps no single request waiting."""
    work_on_rollback_drills()
    while work_on_bulk_reverts(seconds=BULK_SECONDS, worker=f"embedded-{os.getpid()}"):
        time.sleep(0)


def _watch_turn() -> None:
    """Circuit breakers. What they count is read without a lock; SQLite's writers do not wait for it."""
    watch(now=get_now())
    time.sleep(WATCH_SECONDS)


def _quality_turn() -> None:
    """Samples, and what became of agents' values. CRMs are read here, which may take a while."""
    keep_quality(now=get_now())
    time.sleep(QUALITY_SECONDS)


def _report_turn() -> None:
    """What reports read and who gets them; values of the ledger whose time is up."""
    keep_reports(now=get_now())
    erase_due_values(now=get_now())
    time.sleep(REPORT_SECONDS)


class EmbeddedServer(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with one web process, whose life the loops share."""

    def __init__(self, *, host: str, port: int) -> None:
        self._bind = f"{host}:{port}"
        self._loops = Loops()
        super().__init__()

    def load_config(self) -> None:
        """gunicorn's hook: our settings instead of a command line."""
        for name, value in self._options().items():
            self.cfg.set(name, value)

    def load(self) -> WSGIHandler:
        """gunicorn's hook: the application, in the web process."""
        from config.wsgi import application

        return application

    def _begin(self, _worker: Any) -> None:
        settle()
        self._loops.start()

    def _options(self) -> dict[str, Any]:
        return {
            "bind": self._bind,
            "worker_class": "gthread",
            "workers": 1,
            "threads": THREADS,
            "timeout": 60,
            "graceful_timeout": 30,
            "logconfig_dict": settings.LOGGING,
            "control_socket_disable": True,
            "post_worker_init": self._begin,
            "worker_exit": lambda _server, _worker: self._loops.stop(),
        }
