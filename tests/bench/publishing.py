"""Publishing never stalls decisions: intake while 2,000 matrix rows and 200 rules are published beside, and while not.

Both happen in one workspace: every publishing also makes intake read the new policy. The publisher is a process of its
own and publishes again and again; the reference is the same intake while it waits. The two take turns.
"""

import os
import select
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection, connections

from audit.domain.identifier import new_id
from audit.selectors.clock import get_now
from config.warm_up import settle
from governance.models import ActionTier
from governance.services.publish import publish_policy
from tests.bench.compilation import fill
from tests.builders.api import Site, make_site
from tests.builders.approvals import submit
from tests.builders.governance import publish

NAME = "intake p99 while 2,000 rows and 200 rules are published"
GATE, GOAL = 3.0, 1.5
_PUBLISHER = "import django; django.setup(); from tests.bench.publishing import work; work()"


def run(seconds: float) -> list[dict[str, Any]]:
    """Two rows: p99, and the slowest of all. On SQLite writers take turns, whoever they are: nothing to measure."""
    if connection.vendor != "postgresql":
        return [_row(f"{NAME} (skipped: needs PostgreSQL by DATABASE_URL)", ok=None)]
    site = make_published_site()
    submit(site)  # the policy is known from here on
    settle()  # as every web process does before it serves
    beside: list[float] = []
    alone: list[float] = []
    published = 0
    with _publisher(site) as publisher:
        until = time.monotonic() + seconds
        while time.monotonic() < until or published < 3:
            _tell(publisher)
            times, published = _until_heard(site, publisher), published + 1
            beside += times
            alone += [_timed_submit(site) for _ in times]
    return _rows(beside, alone, published)


def make_published_site() -> Site:
    """A workspace of the builders whose policy holds as much as a large one does."""
    slug = f"bench-{new_id().hex[-12:]}"
    site = make_site(slug, agent_name=f"agent.{slug}")
    fill(site.world.workspace, site.world.connection, site.world.owner, owner_role=site.world.group.slug)
    publish(site.world)
    return site


def work() -> None:
    """The publisher: for each line that comes in it changes a row, publishes all, and answers with a line."""
    workspace, person = UUID(os.environ["BENCH_WORKSPACE"]), UUID(os.environ["BENCH_PERSON"])
    connection.ensure_connection()
    _answer()
    for number, _line in enumerate(sys.stdin):
        ActionTier.objects.filter(workspace=workspace, action="draft").update(max_rows=number + 1)
        publish_policy(workspace_id=workspace, person_id=person, reason="bench", now=get_now())
        _answer()


def _until_heard(site: Site, publisher: "subprocess.Popen[str]") -> list[float]:
    """Milliseconds of each intake until the publisher has published, and of the first one after it."""
    assert publisher.stdout is not None
    times: list[float] = []
    while not select.select([publisher.stdout], [], [], 0)[0]:
        times.append(_timed_submit(site))
    _hear(publisher)
    return [*times, _timed_submit(site)]


def _timed_submit(site: Site) -> float:
    started = time.perf_counter()
    assert submit(site).status == "approved"
    return (time.perf_counter() - started) * 1000


@contextmanager
def _publisher(site: Site) -> Iterator["subprocess.Popen[str]"]:
    """The process, once it is ready."""
    connections.close_all()
    names = {"BENCH_WORKSPACE": str(site.world.workspace.pk), "BENCH_PERSON": str(site.world.owner.pk)}
    started = subprocess.Popen(
        [sys.executable, "-c", _PUBLISHER],
        env={**os.environ, **names},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        _hear(started)
        yield started
    finally:
        started.kill()
        started.communicate()


def _answer() -> None:
    sys.stdout.write("\n")
    sys.stdout.flush()


def _tell(publisher: "subprocess.Popen[str]") -> None:
    assert publisher.stdin is not None
    publisher.stdin.write("publish\n")
    publisher.stdin.flush()


def _hear(publisher: "subprocess.Popen[str]") -> None:
    assert publisher.stdout is not None
    assert publisher.stdout.readline() == "\n", "the publisher ended"


def _rows(beside: list[float], alone: list[float], published: int) -> list[dict[str, Any]]:
    ours, reference = _p99(beside), _p99(alone)
    told = {"unit": f"ms (reference: nobody publishes); {published} publishings, {len(beside)} requests"}
    spread = f"p50 {statistics.median(beside):.1f} and {statistics.median(alone):.1f} ms"
    return [
        _row(
            NAME,
            ours=ours,
            reference=reference,
            ratio=ours / reference,
            spread=spread,
            ok=ours <= GATE * reference,
            **told,
        ),
        _row(
            "the slowest of them: the first to read a new policy",
            ours=max(beside),
            reference=max(alone),
            ratio=max(beside) / max(alone),
            unit="ms",
            gate="≤ 1000 ms",
            goal="≤ 250 ms",
            ok=max(beside) <= 1000,
        ),
    ]


def _p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[98]


def _row(name: str, **values: Any) -> dict[str, Any]:
    empty = {"ours": None, "reference": None, "unit": "ms", "ratio": None}
    return {"name": name, **empty, "gate": f"≤ {GATE:g} ×", "goal": f"≤ {GOAL:g} ×", **values}
