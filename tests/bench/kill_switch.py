"""Kill switch: how long a stop takes while eight workers claim, and whether any claim commits after it returned.

The reference is the same row written without the lock that makes the promise good. Both alternate in one run.
"""

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from approvals.services.claim import claim_request
from audit.domain.event import Actor
from audit.domain.identifier import new_id
from audit.selectors.clock import get_now
from governance.models import KillSwitch
from governance.services.switches import engage_switch
from tests.builders.api import Site, make_site
from tests.builders.approvals import submit
from tests.builders.governance import make_switch

WORKERS = 8
GATE_MILLISECONDS = 20.0
OPERATOR = Actor("system", "bench")


def run(seconds: float) -> list[dict[str, Any]]:
    """Two rows. Without PostgreSQL there is no lock to measure: SQLite's writers take turns anyway."""
    if connection.vendor != "postgresql":
        return [_row("kill switch, 8 workers claiming (skipped: needs PostgreSQL by DATABASE_URL)", ok=None)]
    slug = f"bench-{new_id().hex[-12:]}"
    site = make_site(slug, agent_name=f"agent.{slug}")
    until, stops, bare, late = time.monotonic() + seconds, [], [], 0
    while time.monotonic() < until or not stops:
        ids = [submit(site, key=str(new_id())).request_id for _ in range(WORKERS * 4)]
        with _claiming(ids) as committed:
            stops.append(_timed(lambda: _engage(site)))
            returned = time.monotonic()
        late += sum(moment > returned for moment in committed)
        _clear(site)
        bare.append(_timed(lambda: make_switch(site.world.workspace, "all")))
        _clear(site)
    ours, reference = statistics.median(stops), statistics.median(bare)
    return [
        _row(
            "kill switch, 8 workers claiming",
            ours=ours,
            reference=reference,
            ratio=ours / reference,
            unit="ms p50 (reference: the row alone, nobody claiming)",
            spread=f"{min(stops):.1f}–{max(stops):.1f} ms",
            ok=ours <= GATE_MILLISECONDS,
        ),
        _row(
            f"claims committed after the stop returned, {len(stops)} stops",
            ours=late,
            reference=0,
            unit="claims",
            gate="0",
            goal="0",
            ok=late == 0,
        ),
    ]


def _row(name: str, **values: Any) -> dict[str, Any]:
    empty = {"ours": None, "reference": None, "unit": "ms", "ratio": None, "gate": "≤ 20 ms", "goal": "≤ 10 ms"}
    return {"name": name, **empty, **values}


@contextmanager
def _claiming(ids: list[Any]) -> Iterator[list[float]]:
    """Eight sessions claim one request after the other; yields once they do, with the moments of their commits."""
    committed: list[float] = []
    start = threading.Barrier(WORKERS + 1)

    def claim(mine: list[Any]) -> None:
        connection.ensure_connection()
        start.wait()
        for request_id in mine:
            before = time.monotonic()  # a claim that began its commit before the stop returned may be told after it
            if claim_request(request_id=request_id, worker="bench") is not None:
                committed.append(before)
        connection.close()

    threads = [threading.Thread(target=claim, args=(ids[number::WORKERS],)) for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    start.wait()
    time.sleep(0.01)
    yield committed
    for thread in threads:
        thread.join()


def _engage(site: Site) -> None:
    engage_switch(
        workspace_id=site.world.workspace.pk,
        kind="all",
        agent_id=None,
        reason="bench",
        actor=OPERATOR,
        now=get_now(),
    )


def _clear(site: Site) -> None:
    """What a bench stopped goes on: its rows are nobody's."""
    with transaction.atomic():
        KillSwitch.objects.filter(workspace=site.world.workspace).delete()


def _timed(work: Any) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000
