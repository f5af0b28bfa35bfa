"""Kill switch: how long a stop takes while eight worker processes claim, and whether a claim commits after it returned.

Each worker waits 50 ms after a claim, as for a CRM. The reference is the same stop while nobody claims: eight workers
on few cores keep each other, and the stop, from the processor, and that is not the lock's doing.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections

from approvals.models import AgentActionRequest, Attempt
from audit.domain.event import Actor
from audit.domain.identifier import new_id
from audit.selectors.clock import get_now
from governance.models import KillSwitch
from governance.services.switches import engage_switch
from tests.builders.api import Site, make_site
from tests.builders.approvals import submit

WORKERS = 8
CRM_SECONDS = 0.05
GATE_MILLISECONDS = 20.0
_WORKER = "import django; django.setup(); from tests.bench.kill_switch import work; work()"


def run(seconds: float) -> list[dict[str, Any]]:
    """Two rows. Without PostgreSQL there is no lock to measure: SQLite's writers take turns anyway."""
    if connection.vendor != "postgresql":
        return [_row("kill switch, 8 workers claiming (skipped: needs PostgreSQL by DATABASE_URL)", ok=None)]
    slug = f"bench-{new_id().hex[-12:]}"
    site = make_site(slug, agent_name=f"agent.{slug}")
    stops: list[float] = []
    bare: list[float] = []
    late = 0
    with _workers() as workers:
        until = time.monotonic() + seconds
        while time.monotonic() < until or not stops:
            taken, after = _stop_once(site, workers)
            stops.append(taken)
            late += after
            bare.append(_timed(lambda: _engage(site)))
            _clear(site)
    return [_speed_row(stops, bare), _late_row(late, len(stops))]


def work() -> None:
    """A worker: claims the ids that come in, one a line, and answers an empty line with an empty line."""
    from approvals.services.claim import claim_request

    connection.ensure_connection()
    _answer()
    for line in sys.stdin:
        for request_id in line.split():
            claim_request(request_id=request_id, worker="bench")
            time.sleep(CRM_SECONDS)
        _answer()


def _stop_once(site: Site, workers: list["subprocess.Popen[str]"]) -> tuple[float, int]:
    """Milliseconds of one stop amid claims, and how many claims committed after it."""
    ids = [str(submit(site, key=str(new_id())).request_id) for _ in range(WORKERS * 6)]
    mine = Attempt.objects.filter(request__in=ids)
    for number, worker in enumerate(workers):
        _tell(worker, " ".join(ids[number::WORKERS]))
    while not mine.exists():
        time.sleep(0.005)
    taken = _timed(lambda: _engage(site))
    at_return = mine.count()
    for worker in workers:
        _hear(worker)
    _clear(site)
    AgentActionRequest.objects.filter(pk__in=ids, status="approved").update(not_before=get_now().replace(year=9000))
    return taken, mine.count() - at_return


@contextmanager
def _workers() -> Iterator[list["subprocess.Popen[str]"]]:
    """Eight processes, each with its own session, once all are ready."""
    connections.close_all()
    command = [sys.executable, "-c", _WORKER]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    started = [subprocess.Popen(command, env=os.environ, **pipes) for _ in range(WORKERS)]
    try:
        for worker in started:
            _hear(worker)
        yield started
    finally:
        for worker in started:
            worker.kill()
            worker.communicate()


def _answer() -> None:
    sys.stdout.write("\n")
    sys.stdout.flush()


def _tell(worker: "subprocess.Popen[str]", line: str) -> None:
    assert worker.stdin is not None
    worker.stdin.write(line + "\n")
    worker.stdin.flush()


def _hear(worker: "subprocess.Popen[str]") -> None:
    assert worker.stdout is not None
    worker.stdout.readline()


def _engage(site: Site) -> None:
    engage_switch(
        workspace_id=site.world.workspace.pk,
        kind="all",
        agent_id=None,
        reason="bench",
        actor=Actor("system", "bench"),
        now=get_now(),
    )


def _clear(site: Site) -> None:
    """What a bench stopped goes on: its rows are nobody's."""
    KillSwitch.objects.filter(workspace=site.world.workspace).delete()


def _timed(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return (time.perf_counter() - started) * 1000


def _speed_row(stops: list[float], bare: list[float]) -> dict[str, Any]:
    ours, reference = statistics.median(stops), statistics.median(bare)
    return _row(
        "kill switch, 8 workers claiming",
        ours=ours,
        reference=reference,
        ratio=ours / reference,
        unit="ms p50 (reference: nobody claiming)",
        spread=f"{min(stops):.1f}–{max(stops):.1f} ms",
        ok=ours <= GATE_MILLISECONDS,
    )


def _late_row(late: int, stops: int) -> dict[str, Any]:
    name = f"claims committed after a stop returned, {stops} stops"
    return _row(name, ours=late, reference=0, unit="claims", gate="0", goal="0", ok=late == 0)


def _row(name: str, **values: Any) -> dict[str, Any]:
    empty = {"ours": None, "reference": None, "unit": "ms", "ratio": None, "gate": "≤ 20 ms", "goal": "≤ 10 ms"}
    return {"name": name, **empty, **values}
