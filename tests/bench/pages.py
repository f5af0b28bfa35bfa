"""How a page of the console is measured: as the test client gets it, with its statements, processor and wall time."""

import statistics
import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client

from config.warm_up import settle
from tests.statements import captured_statements

GATE_MS, GATE_QUERIES = 50.0, 12


def page_rows(name: str, client: Client, address: str, seconds: float) -> list[dict[str, Any]]:
    """Two rows: the page's time, and its statements (a count of a whole ledger among them fails the row)."""
    get_page(client, address)
    settle()  # as every web process, after it has loaded what pages need
    with captured_statements() as statements:
        get_page(client, address)
    taken = repeat(lambda: get_page(client, address), seconds)
    middle = statistics.median(taken)
    counting = [sql for sql in statements if "COUNT(*)" in sql.upper() and "LIMIT" not in sql.upper()]
    return [
        row(
            f"{name}, first page",
            ours=round(middle, 1),
            reference=GATE_MS,
            ratio=round(middle / GATE_MS, 2),
            unit="ms p50 (reference: the bar)",
            gate=f"≤ {GATE_MS:g} ms",
            goal="≤ 30 ms",
            ok=middle <= GATE_MS,
            spread=f"{min(taken):.0f}–{max(taken):.0f} ms, {processor(lambda: get_page(client, address))}",
        ),
        row(
            f"{name}, queries of the page",
            ours=len(statements),
            reference=GATE_QUERIES,
            unit="queries (reference: the bar)",
            gate=f"≤ {GATE_QUERIES}",
            goal=f"≤ {GATE_QUERIES}",
            ok=len(statements) <= GATE_QUERIES and not counting,
        ),
    ]


def skipped(name: str) -> list[dict[str, Any]]:
    """What a benchmark says of itself without PostgreSQL."""
    return [row(f"{name} (skipped: needs PostgreSQL by DATABASE_URL)", unit="ms", gate="", ok=None)]


def is_skipped() -> bool:
    """Whether the database is not the one that these figures are about."""
    return connection.vendor != "postgresql"


def get_page(client: Client, address: str) -> float:
    """Milliseconds of one answer."""
    started = time.perf_counter()
    answer = client.get(address, secure=True)
    assert answer.status_code == 200, answer.status_code
    return (time.perf_counter() - started) * 1000


def processor(measure: Callable[[], float]) -> str:
    """Milliseconds of processor in this process: the median of five. Busy neighbours change it less than wall time."""
    return f"processor {statistics.median(_processor_ms(measure) for _ in range(5)):.0f} ms"


def repeat(measure: Callable[[], float], seconds: float) -> list[float]:
    """After one that warms up, as many as fit, five at least."""
    measure()
    taken: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until or len(taken) < 5:
        taken.append(measure())
    return taken


def row(name: str, **values: Any) -> dict[str, Any]:
    """A row of the table; what is not said is empty."""
    empty = {"ours": None, "reference": None, "ratio": None, "goal": ""}
    return {"name": name, **empty, **values}


def _processor_ms(measure: Callable[[], float]) -> float:
    started = time.process_time()
    measure()
    return (time.process_time() - started) * 1000
