"""Figures of the ledger: appending, sequencing and verifying, each beside a reference measured in the same run.

Writes events into the database of the settings: `manage.py bench` gives a scratch one.
"""

import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.db import connection, connections, transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.models import LedgerLeaf
from audit.services.append import append_event
from audit.services.maintain import maintain_ledger
from audit.services.sequence import sequence_pending
from audit.services.verify import verify_ledger

CLIENTS = 4
FEWEST_EVENTS = 5_000
VERIFIED_PER_SECOND = 50_000


def run(seconds: float) -> list[dict[str, Any]]:
    """Rows `{name, ours, reference, unit, ratio, gate, goal, ok}`; appends for about half of `seconds`."""
    maintain_ledger(now=_now())
    appended = _append_rate(seconds / 2)
    sequenced = _rate(_sequence_all)
    maintain_ledger(now=_now())
    verified = _rate(lambda: verify_ledger().leaves)
    hashed = _hash_rate()
    return [
        _row("ledger sequencing", sequenced, appended, gate=4.0, goal=10.0),
        _row("ledger verify from bytes", verified, hashed, gate=0.05, goal=0.13),
        _row("ledger verify per second", verified, VERIFIED_PER_SECOND, gate=1.0, goal=2.0),
    ]


def _append_rate(seconds: float) -> float:
    """Events a second, one a transaction, from as many clients as pay off; goes on until there are enough."""
    counts: list[int] = []
    started = time.perf_counter()

    def client() -> None:
        count = 0
        while time.perf_counter() - started < seconds or count < FEWEST_EVENTS // CLIENTS:
            with transaction.atomic():
                append_event(_event(count), now=_now())
            count += 1
        counts.append(count)
        connections.close_all()

    clients = CLIENTS if connection.vendor == "postgresql" else 1  # SQLite has one writer
    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)


def _sequence_all() -> int:
    total = count = sequence_pending(now=_now())
    while count:
        count = sequence_pending(now=_now())
        total += count
    return total


def _hash_rate() -> float:
    """The floor: SHA-256 over the very bytes, which lie in memory when the clock starts."""
    rows = LedgerLeaf.objects.order_by("leaf_index").values_list("event__body", flat=True)[:200_000]
    bodies = [bytes(body) for body in rows]
    started = time.perf_counter()
    for body in bodies:
        sha256(body).digest()
    return len(bodies) / (time.perf_counter() - started)


def _rate(work: Callable[[], int]) -> float:
    started = time.perf_counter()
    count = work()
    return count / (time.perf_counter() - started)


def _row(name: str, ours: float, reference: float, *, gate: float, goal: float) -> dict[str, Any]:
    ratio = ours / reference
    return {
        "name": name,
        "ours": round(ours),
        "reference": round(reference),
        "unit": "events/s",
        "ratio": round(ratio, 3),
        "gate": f"≥ {gate:g} ×",
        "goal": f"≥ {goal:g} ×",
        "ok": ratio >= gate,
    }


def _event(number: int) -> NewEvent:
    """An event of the size of a recorded decision: about one kilobyte."""
    checks = [{"code": f"check_{at}", "result": "pass"} for at in range(14)]
    return NewEvent(
        type="request.received",
        workspace="bench",
        actor=Actor("agent", "agent.enrichment"),
        subject=Subject("request", str(uuid.uuid4())),
        correlation_id=str(uuid.uuid4()),
        data={"number": number, "checks": checks, "digest": f"sha256:{'0' * 64}", "fields": ["industry", "city"]},
    )


def _now() -> datetime:
    return datetime.now(UTC)
