"""Taking from one budget by eight at once: one conditional upsert beside the usual lock, look, save.

Both take turns on the same rows of the same database; without PostgreSQL there is no lock to compare with: one note.
"""

import statistics
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from django.db import connection, transaction

from governance.domain.budget_claims import BudgetClaim
from governance.domain.budget_counter import make_holds
from governance.models import BudgetCounter, Workspace
from governance.services.budgets import reserve_budgets

NAME = "budget reserve, 8 on one key"
THREADS, ROUNDS = 8, 3
GATE = 2.0
ROOM = 10**12


def run(seconds: float) -> list[dict[str, object]]:
    if connection.vendor != "postgresql":
        empty = dict.fromkeys(("ours", "reference", "ratio"))
        name = f"{NAME} (skipped: needs PostgreSQL)"
        return [{"name": name, **empty, "unit": "", "gate": f"≥ {GATE:g} ×", "goal": "≥ 3 ×", "ok": None}]
    workspace = Workspace.objects.create(slug=f"bench-{time.time_ns()}", name="Bench")
    claim = BudgetClaim("agent", "agent.bench", "writes", "day", 1, ROOM)
    holds = make_holds([claim], workspace_id=workspace.pk, now=datetime.now(UTC))

    def ours() -> None:
        with transaction.atomic():
            reserve_budgets(holds, workspace_id=workspace.pk)

    def reference() -> None:
        with transaction.atomic():
            row = BudgetCounter.objects.select_for_update().get(pk=holds[0].id)
            if row.used + 1 <= row.cap:
                row.used += 1
                row.save(update_fields=["used"])

    ours()
    turn = seconds / 2 / ROUNDS
    pairs = [(per_second(ours, turn), per_second(reference, turn)) for _ in range(ROUNDS)]
    ratio = statistics.median(mine / theirs for mine, theirs in pairs)
    return [
        {
            "name": NAME,
            "ours": round(statistics.median(mine for mine, _ in pairs)),
            "reference": round(statistics.median(theirs for _, theirs in pairs)),
            "unit": "reservations/s (reference: select_for_update, look, save)",
            "ratio": round(ratio, 2),
            "gate": f"≥ {GATE:g} ×",
            "goal": "≥ 3 ×",
            "ok": ratio >= GATE,
        }
    ]


def per_second(work: Callable[[], None], seconds: float) -> float:
    counts: list[int] = []
    until = time.perf_counter() + seconds

    def loop() -> None:
        count = 0
        while time.perf_counter() < until:
            work()
            count += 1
        counts.append(count)
        connection.close()

    threads = [threading.Thread(target=loop) for _ in range(THREADS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)
