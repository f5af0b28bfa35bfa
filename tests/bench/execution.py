"""Execution by real Celery children against a CRM that takes its time: how fast one is done, and how many.

The CRM is a HubSpot portal in a process of its own whose every call takes 20 or 50 ms longer. Nothing of ours is
skipped: each request was decided, approved by a person, is claimed, read, judged again, sent, read back and recorded
with its ledger events. The reference makes the same three calls, read, write, read back, in an asynchronous loop at the
same concurrency against the same portal.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.test import override_settings

from approvals.models import AgentActionRequest
from audit.domain.identifier import new_id
from crm_connectors.models import ConnectionEndpoint
from crm_connectors.services.secrets import ConnectionSecrets
from crm_connectors.simulators.hubspot.access import PRIVATE_TOKEN
from governance.models import Connection
from tests.bench.asynchronous_loop import measure_loop
from tests.builders.api import Site
from tests.builders.approvals import submit, vote
from tests.builders.governance import make_world, publish

CHILDREN = 8
EACH = 8
"""Requests for each child in a round."""
BUSY_SECONDS, IDLE_SECONDS = 0.05, 0.02
P50_MS, P99_MS = 150.0, 500.0
GATE, GOAL = 0.7, 0.9
HOST = "127.0.0.1"
IDLE_NAME = "approve → executed, idle, CRM of 20 ms"
BUSY_NAME = f"execution, CRM of 50 ms, {CHILDREN} at a time"


def run(seconds: float) -> list[dict[str, Any]]:
    """Three rows. Without PostgreSQL and Redis there are no workers to measure: notes."""
    if connection.vendor != "postgresql" or not settings.REDIS_URL:
        return [_row(name, ok=None, unit="skipped: needs PostgreSQL and Redis") for name in (IDLE_NAME, BUSY_NAME)]
    with override_settings(PRIVATE_HOSTS=[HOST]), _celery() as worker:
        with _portal(IDLE_SECONDS, 1) as portal:
            waits = _idle(_make_site(portal), seconds / 2)
        with _portal(BUSY_SECONDS, CHILDREN * EACH) as portal:
            pairs = _busy(_make_site(portal), portal, worker, seconds / 2)
    return [*_idle_rows(waits), _busy_row(pairs)]


def _idle(site: Site, seconds: float) -> list[float]:
    """Milliseconds from a person's vote to `executed`, one request at a time."""
    waits: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until or len(waits) < 5:
        (row,) = _pending(site, [site.company], f"Umicore {len(waits)}")
        started = time.perf_counter()
        vote(site, row)
        _wait_until([row.pk], "executed", pause=0.002)
        waits.append((time.perf_counter() - started) * 1000)
    return waits[2:]  # the first ones warm the children


def _busy(
    site: Site, portal: dict[str, Any], worker: "subprocess.Popen[bytes]", seconds: float
) -> list[tuple[float, float]]:
    """Pairs of records a second: ours, the loop's."""
    pairs: list[tuple[float, float]] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until or len(pairs) < 3:
        rows = _pending(site, portal["companies"], f"Umicore {new_id()}")
        with _held_back(worker):
            for row in rows:
                vote(site, row)
            time.sleep(1.0)  # the last nudge is on its way
        started = time.perf_counter()
        _wait_until([row.pk for row in rows], "executed", pause=0.02)
        ours = len(rows) / (time.perf_counter() - started)
        loop = measure_loop(
            portal["url"], PRIVATE_TOKEN, portal["companies"], f"Umicore {new_id()}", connections=CHILDREN
        )
        pairs.append((ours, loop))
    return pairs[1:]  # as above


def _make_site(portal: dict[str, Any]) -> Site:
    slug = f"bench-{new_id().hex[-12:]}"
    world = make_world(slug, agent_name=f"agent.{slug}")
    Connection.objects.filter(pk=world.connection.pk).update(kind="hubspot")
    told = {"base_url": portal["url"], "version": "2026-09", "calls_per_10_seconds": 0}
    ConnectionEndpoint.objects.create(connection=world.connection, settings=told)
    ConnectionSecrets(world.connection.pk).keep("access_token", PRIVATE_TOKEN)
    publish(world)
    return Site(world, portal["companies"][0])


def _pending(site: Site, company_ids: Sequence[str], name: str) -> list[AgentActionRequest]:
    """Proposals that workers have decided: each waits for a person."""
    ids = [
        submit(site, target={"object": "companies", "id": company_id}, changes={"name": name}, expected=None).request_id
        for company_id in company_ids
    ]
    _wait_until(ids, "pending", pause=0.02)
    return list(AgentActionRequest.objects.filter(pk__in=ids))


def _wait_until(ids: Sequence[UUID], status: str, *, pause: float) -> None:
    deadline = time.monotonic() + 60
    while AgentActionRequest.objects.filter(pk__in=ids, status=status).count() < len(ids):
        if time.monotonic() > deadline:
            found = AgentActionRequest.objects.filter(pk__in=ids).values_list("status", "status_code")
            raise AssertionError(f"not all {status}: {set(found)}")
        time.sleep(pause)


@contextmanager
def _portal(seconds: float, companies: int) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.bench.slow_portal", str(seconds), str(companies)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.kill()


@contextmanager
def _celery() -> Iterator["subprocess.Popen[bytes]"]:
    """A ready worker that leads a process group of its own."""
    command = [sys.executable, "-m", "celery", "-A", "config.celery", "worker", "-Q", "work,ledger,notify", "--purge"]
    with tempfile.TemporaryFile() as log:
        worker = subprocess.Popen(
            [*command, "--concurrency", str(CHILDREN)],
            env=os.environ | {"PRIVATE_HOSTS": HOST},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            _wait_for(lambda: b" ready." in os.pread(log.fileno(), 1_000_000, 0))
            yield worker
        finally:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()


def _wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError("the worker is not ready")
        time.sleep(0.1)


@contextmanager
def _held_back(worker: "subprocess.Popen[bytes]") -> Iterator[None]:
    """No child runs inside the block: what it is nudged with waits in the broker."""
    os.killpg(worker.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(worker.pid, signal.SIGCONT)


def _idle_rows(waits: list[float]) -> list[dict[str, Any]]:
    p50, p99 = statistics.median(waits), sorted(waits)[int(len(waits) * 0.99)]
    spread = f"{min(waits):.0f}–{max(waits):.0f} ms, {len(waits)} requests"
    return [
        _row(IDLE_NAME, ours=p50, unit="ms p50", gate=f"≤ {P50_MS:.0f} ms", spread=spread, ok=p50 <= P50_MS),
        _row(IDLE_NAME, ours=p99, unit="ms p99", gate=f"≤ {P99_MS:.0f} ms", spread=spread, ok=p99 <= P99_MS),
    ]


def _busy_row(pairs: list[tuple[float, float]]) -> dict[str, Any]:
    ratios = [ours / loop for ours, loop in pairs]
    ratio = statistics.median(ratios)
    return _row(
        BUSY_NAME,
        ours=statistics.median(ours for ours, _ in pairs),
        reference=statistics.median(loop for _, loop in pairs),
        unit="records/s (reference: an asynchronous loop)",
        ratio=ratio,
        gate=f"≥ {GATE} ×",
        goal=f"≥ {GOAL} ×",
        spread=f"{min(ratios):.2f}–{max(ratios):.2f}",
        ok=ratio >= GATE,
    )


def _row(name: str, **values: Any) -> dict[str, Any]:
    empty = {"ours": None, "reference": None, "unit": "", "ratio": None, "gate": "", "goal": ""}
    return {"name": name, **empty, **values}
