"""A real Celery worker in a process of its own, on the suite's database and broker."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from tests.architecture.source import ROOT

START_SECONDS = 60
WORKER = ["worker", "-Q", "work,ledger,notify", "--purge"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests exist where there is a broker and a database that another process can reach."""
    if settings.REDIS_URL and connection.vendor == "postgresql":
        return
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL and Redis"))


@pytest.fixture
def celery_worker(transactional_db: None) -> Iterator[subprocess.Popen[bytes]]:
    """The production worker command; nothing left over from other tests is in its queues."""
    with start_worker("config.celery") as (worker, _log):
        yield worker


@contextmanager
def start_worker(
    app: str, *, children: int = 2, own_group: bool = False
) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """A ready worker of an app with what it has said so far; ended with the block unless it ended before.

    `own_group`: it leads a process group, so that it and its children can be killed at once.
    """
    with tempfile.TemporaryFile() as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", app, *WORKER, "--concurrency", str(children)],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": url_of_test_database(), "DJANGO_SETTINGS_MODULE": "config.settings"},
            stdout=log,
            stderr=log,
            start_new_session=own_group,
        )
        try:
            wait_for(lambda: b" ready." in read_all(log), what="the worker to be ready", worker=worker)
            yield worker, log
        finally:
            if own_group:
                with suppress(ProcessLookupError):
                    os.killpg(worker.pid, signal.SIGKILL)
            worker.terminate()
            worker.wait(timeout=60)


def url_of_test_database() -> str:
    """DATABASE_URL with the name of the database that the suite made."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))


def read_all(log: IO[bytes]) -> bytes:
    return os.pread(log.fileno(), 1_000_000, 0)


def wait_for(is_true: Callable[[], bool], *, what: str, worker: subprocess.Popen[bytes]) -> None:
    """Poll until it is true; fail when the worker died or a minute went by."""
    deadline = time.monotonic() + START_SECONDS
    while not is_true():
        assert worker.poll() is None, f"the worker ended while waiting for {what}"
        assert time.monotonic() < deadline, f"waited too long for {what}"
        time.sleep(0.1)
