"""POST action-request, complete, beside a conventional DRF endpoint: same server, body, database and moment.

Ours runs complete: middleware, logging, authentication, strict parsing, policy, idempotency, ledger; once in a small
workspace, and once with everything on: the starter's rules, budgets, breakers, frequency caps and anomaly stops in
force, limits widened. All are served by gunicorn with two workers of four threads and asked by eight clients, one after
the other, again and again. Where REDIS_URL is set, our web requests nudge Celery through it, as in production.
"""

import contextlib
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, connections

from audit.domain.identifier import new_id
from config.scratch import scratch_database
from tests.bench.starter import make_starter_site, starter_body
from tests.builders.api import Site, make_body, make_site
from tests.with_services import free_port

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = 8
ROUNDS = 3
NAME, NAME_ALL = "POST action-request, complete", "POST action-request, everything on"
GATE, GATE_ALL, GOAL = 0.8, 1.0, 1.5
ALLOWED = b'"status":"approved"'

Send = Callable[[http.client.HTTPConnection], bool]


@dataclass(frozen=True)
class Served:
    """A running server: how to send one request (False: not accepted), the process whose tree works, its database."""

    port: int
    send: Send
    process: subprocess.Popen[bytes]
    database_url: str


@dataclass(frozen=True)
class Slice:
    """One stretch of one server: accepted requests a second, and CPU milliseconds each (server processes alone)."""

    per_second: float
    cpu_ms: float


def run(seconds: float) -> list[dict[str, Any]]:
    """Five rows: throughput and CPU per request of both sites, and memory. All stretches stand in one run.

    Without PostgreSQL there is nothing fair to compare: two notes.
    """
    if connection.vendor != "postgresql":
        return [_note(NAME, GATE), _note(NAME_ALL, GATE_ALL)]
    slug = f"bench-{new_id().hex[-12:]}"
    small, starter = make_site(slug, agent_name=f"agent.{slug}"), make_starter_site()
    with contextlib.ExitStack() as stack:
        bodies = {NAME: (small, make_body(small)), NAME_ALL: (starter, starter_body(starter))}
        ours = {name: stack.enter_context(_ours(site, body)) for name, (site, body) in bodies.items()}
        reference = stack.enter_context(_reference())
        for served in (*ours.values(), reference):
            _measure(served, 1.0)  # warm: imports, connections, prepared policy
            _analyze(served)
            _measure(served, 1.0)
        pairs = _take_turns(ours, reference, seconds / ROUNDS / 3)
        memory = _memory_row(ours[NAME_ALL], reference)
    return [
        _throughput_row(NAME, pairs[NAME], GATE),
        _cpu_row(NAME, pairs[NAME]),
        _throughput_row(NAME_ALL, pairs[NAME_ALL], GATE_ALL),
        _cpu_row(NAME_ALL, pairs[NAME_ALL]),
        memory,
    ]


def _take_turns(ours: dict[str, Served], reference: Served, seconds: float) -> dict[str, list[tuple[Slice, Slice]]]:
    """Each round measures the reference between our two, and sets both beside it."""
    pairs: dict[str, list[tuple[Slice, Slice]]] = {name: [] for name in ours}
    for _ in range(ROUNDS):
        for served in (*ours.values(), reference):
            _analyze(served)
        first = _measure(ours[NAME], seconds)
        theirs = _measure(reference, seconds)
        pairs[NAME].append((first, theirs))
        pairs[NAME_ALL].append((_measure(ours[NAME_ALL], seconds), theirs))
    return pairs


def _analyze(served: Served) -> None:
    """As autovacuum keeps a database that is in use, within a minute: a table here grows a hundredfold in less."""
    with psycopg.connect(served.database_url, autocommit=True) as admin:
        admin.execute("ANALYZE")


def _throughput_row(name: str, pairs: list[tuple[Slice, Slice]], gate: float) -> dict[str, Any]:
    ratios = [ours.per_second / reference.per_second for ours, reference in pairs]
    ratio = statistics.median(ratios)
    return {
        "name": name,
        "ours": statistics.median(ours.per_second for ours, _ in pairs),
        "reference": statistics.median(reference.per_second for _, reference in pairs),
        "unit": f"requests/s (Redis {'on' if os.environ.get('REDIS_URL') else 'off'})",
        "ratio": ratio,
        "gate": f"≥ {gate}",
        "goal": f"≥ {GOAL}",
        "spread": f"{min(ratios):.2f}–{max(ratios):.2f}",
        "ok": ratio >= gate,
    }


def _cpu_row(name: str, pairs: list[tuple[Slice, Slice]]) -> dict[str, Any]:
    ratios = [ours.cpu_ms / reference.cpu_ms for ours, reference in pairs]
    return {
        "name": f"{name}, web CPU",
        "ours": statistics.median(ours.cpu_ms for ours, _ in pairs),
        "reference": statistics.median(reference.cpu_ms for _, reference in pairs),
        "unit": "ms/request",
        "ratio": statistics.median(ratios),
        "gate": "–",
        "goal": "≤ 0.6",
        "spread": f"{min(ratios):.2f}–{max(ratios):.2f}",
        "ok": None,
    }


def _memory_row(ours: Served, reference: Served) -> dict[str, Any]:
    """The largest process of each tree after the load, resident."""
    megabytes = [max(_resident_mb(pid) for pid in _tree(served.process.pid)) for served in (ours, reference)]
    return {
        "name": "web process, resident",
        "ours": megabytes[0],
        "reference": megabytes[1],
        "unit": "MB",
        "ratio": megabytes[0] / megabytes[1],
        "gate": "≤ 200 MB",
        "goal": "–",
        "spread": "–",
        "ok": megabytes[0] <= 200,
    }


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _note(name: str, gate: float) -> dict[str, Any]:
    empty = {"ours": None, "reference": None, "ratio": None, "unit": "", "ok": None}
    skipped = f"{name} (skipped: needs PostgreSQL by DATABASE_URL)"
    return {"name": skipped, **empty, "gate": f"≥ {gate}", "goal": f"≥ {GOAL}"}


# ---- the servers ---------------------------------------------------------------------------------------------------
@contextlib.contextmanager
def _ours(site: Site, proposal: dict[str, Any]) -> Iterator[Served]:
    """The product as it is deployed, asked by the agent of `site`. Its rows stay: a run wants a scratch database."""
    body = json.dumps(proposal).encode()
    headers = {"Authorization": f"Bearer {site.world.token}", "Content-Type": "application/json"}

    def send(client: http.client.HTTPConnection) -> bool:
        client.request("POST", "/api/v1/action-requests/", body, headers | {"Idempotency-Key": str(new_id())})
        status, answer = _answer(client)
        return status == 201 and ALLOWED in answer

    environment = {
        "DATABASE_URL": _database_url(),
        "HTTPS": "off",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECRET_KEY": os.environ.get("SECRET_KEY") or "benchmark-" * 6,
    }
    connections.close_all()
    command = ["-c", "config/gunicorn.py", "config.wsgi:application"]
    with _gunicorn(command, environment, cwd=ROOT) as (port, process):
        yield Served(port, send, process, _database_url())


@contextlib.contextmanager
def _reference() -> Iterator[Served]:
    """The frozen reference on a scratch database beside ours: its user table would collide with ours."""
    with scratch_database(_database_url()) as url:
        folder = Path(__file__).parent
        environment = {"DATABASE_URL": url}
        setup = [sys.executable, "drf_reference.py", "setup"]
        answer = subprocess.run(setup, cwd=folder, env=os.environ | environment, check=True, capture_output=True)
        token = answer.stdout.decode().strip().splitlines()[-1]
        body = json.dumps(make_body()).encode()
        headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}

        def send(client: http.client.HTTPConnection) -> bool:
            client.request("POST", "/requests/", body, headers)
            return _answer(client)[0] == 201

        with _gunicorn(["drf_reference:application"], environment, cwd=folder) as (port, process):
            yield Served(port, send, process, url)


@contextlib.contextmanager
def _gunicorn(
    command: list[str], environment: dict[str, str], *, cwd: Path
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Two workers of four threads on a free port, ready to answer."""
    port = free_port()
    arguments = [sys.executable, "-m", "gunicorn", *command, "-b", f"127.0.0.1:{port}"]
    arguments += ["-w", "2", "-k", "gthread", "--threads", "4", "--max-requests", "0", "--log-level", "warning"]
    inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    with subprocess.Popen(
        arguments, cwd=cwd, env=inherited | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _await(port, process)
            yield port, process
        finally:
            process.terminate()


def _database_url() -> str:
    """The database that this process works on: under the test runner it is not the one of the environment."""
    values = connection.settings_dict
    login = f"{values['USER']}:{values['PASSWORD']}" if values["PASSWORD"] else values["USER"]
    host = f"{values['HOST'] or 'localhost'}:{values['PORT'] or 5432}"
    return f"postgresql://{login}@{host}/{values['NAME']}"


# ---- measuring -----------------------------------------------------------------------------------------------------
def _measure(served: Served, seconds: float) -> Slice:
    """Eight clients on connections of their own, each sending as fast as it is answered."""
    counts: list[int] = []
    deadline = time.perf_counter() + seconds
    cpu_before = _cpu_seconds(served.process.pid)

    def client() -> None:
        counted = 0
        client_connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
        while time.perf_counter() < deadline:
            if not served.send(client_connection):
                raise RuntimeError("a proposal was not allowed")
            counted += 1
        client_connection.close()
        counts.append(counted)

    started = time.perf_counter()
    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(counts) < CLIENTS:
        raise RuntimeError("a client was refused")
    total = sum(counts)
    cpu = _cpu_seconds(served.process.pid) - cpu_before
    return Slice(total / (time.perf_counter() - started), cpu / total * 1000)


def _answer(client: http.client.HTTPConnection) -> tuple[int, bytes]:
    answer = client.getresponse()
    return answer.status, answer.read()


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process and its children (proc(5): fields 14 and 15 of stat)."""
    ticks = 0
    for one in _tree(pid):
        fields = Path(f"/proc/{one}/stat").read_text("ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _tree(pid: int) -> list[int]:
    """A process and its children."""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split())]


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError("the server does not listen")
