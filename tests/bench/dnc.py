"""Do not contact: one look before a send, a thousand at once, and an import with its report, on a long list.

The list is filled by SQL in place, with digests that belong to nobody; a kept database keeps it. For the length that we
promise, on a quiet machine: `manage.py bench dnc --listed 10000000 --keep dnc`. Needs PostgreSQL: SQLite serves small
lists.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.db import connection

from audit.domain.event import Actor
from audit.domain.identifier import new_id
from audit.selectors.clock import get_now
from config.measuring import LISTED, LISTED_VARIABLE
from governance.domain.dnc_csv import read_row
from governance.domain.dnc_key import DncKind, asked_keys
from governance.domain.facts import RecipientFacts
from governance.models import DncEntry, Workspace
from governance.selectors.dnc_facts import DncQuestion, get_dnc_facts
from governance.selectors.dnc_secret import get_dnc_keys
from governance.services.dnc_entries import NewDncEntry, add_dnc_entry
from governance.services.dnc_import import apply_import, run_import, start_import

FILLED_AT_ONCE = 500_000
IMPORTED_ROWS = 40_000
BATCH = 1_000
GATE_SINGLE_MS, GATE_BATCH_MS, GATE_BATCH_RATIO = 2.0, 50.0, 20.0
GATE_IMPORT_ROWS, GATE_IMPORT_RATIO = 8_000.0, 0.3
_ACTOR = Actor("system", "bench")
_COLUMNS = ("kind", "value", "reason", "source")
_FILL = """
INSERT INTO governance_dncentry (id, workspace_id, kind, brand, digest, value, reason, source,
                                 effective_from, added_by, added_at)
SELECT gen_random_uuid(), %s, 'email', '', decode(md5(n::text || %s), 'hex'), 'p' || n || '@filled.example', 'filled',
       'bench', now(), 'system:bench', now()
FROM generate_series(1, %s) n
"""


def run(seconds: float) -> list[dict[str, Any]]:
    """Five rows; the length of the list stands in their names."""
    if connection.vendor != "postgresql":
        return [_row("do not contact (skipped: needs PostgreSQL by DATABASE_URL)", ok=None)]
    workspace = _workspace()
    count = _fill(workspace, int(os.environ.get(LISTED_VARIABLE, LISTED)))
    return [*_ask_rows(workspace, seconds, count), *_import_rows(workspace, count)]


def _workspace() -> Workspace:
    """The one whose list a kept database has filled, else a new one: the list that is asked is the long one."""
    filled = DncEntry.objects.filter(added_by="system:bench").order_by("id").first()
    if filled is not None:
        return Workspace.objects.get(pk=filled.workspace_id)
    slug = f"bench-{new_id().hex[-12:]}"
    return Workspace.objects.create(slug=slug, name=slug)


def _fill(workspace: Workspace, wanted: int) -> int:
    """Makes the workspace's list at least so long; returns how long it is."""
    entries = DncEntry.objects.filter(workspace=workspace)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        while (missing := wanted - entries.count()) > 0:
            cursor.execute(_FILL, [workspace.pk, new_id().hex, min(missing, FILLED_AT_ONCE)])
        cursor.execute("VACUUM ANALYZE governance_dncentry")
        cursor.execute("RESET statement_timeout")
    listed = NewDncEntry(kind=DncKind.EMAIL, value=_address(7), reason="bench", source="bench")
    if not entries.filter(value=listed.value).exists():
        add_dnc_entry(workspace_id=workspace.pk, entry=listed, actor=_ACTOR, now=get_now())
    return entries.count()


def _ask_rows(workspace: Workspace, seconds: float, count: int) -> list[dict[str, Any]]:
    singles: list[float] = []
    batches: list[float] = []
    loops: list[float] = []
    keys: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until or len(batches) < 5:
        people = [_address(number) for number in range(len(batches) * BATCH, (len(batches) + 1) * BATCH)]
        taken = [_milliseconds(partial(_ask, workspace, [address])) for address in people]
        singles += taken
        loops.append(sum(taken))
        batches.append(_milliseconds(partial(_ask, workspace, people)))
        keys.append(_milliseconds(partial(_key, workspace, people)))
    p99 = statistics.quantiles(singles, n=100)[98]
    batch, loop = statistics.median(batches), statistics.median(loops)
    return [
        _row(
            f"do not contact, single look, p99, {count:,} entries",
            ours=round(p99, 3),
            reference=round(statistics.median(singles), 3),
            ratio=round(p99 / statistics.median(singles), 2),
            unit="ms (reference: p50)",
            gate=f"≤ {GATE_SINGLE_MS:g} ms",
            goal="≤ 1 ms",
            ok=p99 <= GATE_SINGLE_MS,
            spread=f"{min(singles):.2f}–{max(singles):.2f} ms",
        ),
        _row(
            f"do not contact, {BATCH:,} at once in one query, {count:,} entries",
            ours=round(batch, 2),
            reference=round(statistics.median(keys), 2),
            ratio=round(batch / statistics.median(keys), 2),
            unit="ms p50 (reference: keys and digests alone)",
            gate=f"≤ {GATE_BATCH_MS:g} ms",
            goal="≤ 25 ms",
            ok=batch <= GATE_BATCH_MS,
            spread=f"{min(batches):.1f}–{max(batches):.1f} ms",
        ),
        _row(
            f"do not contact, a loop of {BATCH:,} single looks ÷ one batch, {count:,} entries",
            ours=round(batch, 2),
            reference=round(loop, 1),
            ratio=round(loop / batch, 1),
            unit="ms p50 (reference: the loop)",
            gate=f"≥ {GATE_BATCH_RATIO:g} ×",
            goal="≥ 40 ×",
            ok=loop / batch >= GATE_BATCH_RATIO,
        ),
    ]


def _import_rows(workspace: Workspace, count: int) -> list[dict[str, Any]]:
    """Read, check, stage and apply a file whose every hundredth line is bad, with its report; against reading alone."""
    run = new_id().hex[-8:]  # of a kept list nobody is on it yet
    lines = [_line(number, run) for number in range(IMPORTED_ROWS)]
    with tempfile.NamedTemporaryFile("wb", suffix=".csv") as file:
        file.write(",".join(_COLUMNS).encode() + b"\n" + b"".join(lines))
        file.flush()
        seconds = _milliseconds(lambda: _import(workspace, Path(file.name))) / 1000
    read = _milliseconds(lambda: _read_all(lines)) / 1000
    ours, reference = IMPORTED_ROWS / seconds, IMPORTED_ROWS / read
    name = f"do not contact, import of {IMPORTED_ROWS:,} rows with report onto {count:,} entries"
    return [
        _row(
            name,
            ours=round(ours),
            reference=round(GATE_IMPORT_ROWS),
            ratio=round(ours / GATE_IMPORT_ROWS, 2),
            unit="rows/s (reference: the bar)",
            gate=f"≥ {GATE_IMPORT_ROWS:,.0f} rows/s",
            goal="≥ 20,000 rows/s",
            ok=ours >= GATE_IMPORT_ROWS,
        ),
        _row(
            f"{name} ÷ normalising alone",
            ours=round(ours),
            reference=round(reference),
            ratio=round(ours / reference, 2),
            unit="rows/s (reference: parsing and keys alone)",
            gate=f"≥ {GATE_IMPORT_RATIO:g}",
            goal="≥ 0.5",
            ok=ours / reference >= GATE_IMPORT_RATIO,
        ),
    ]


def _import(workspace: Workspace, path: Path) -> None:
    started = start_import(
        workspace_id=workspace.pk, source=path, name="bench.csv", defaults={}, actor=_ACTOR, now=get_now()
    )
    run_import(import_id=started)
    apply_import(import_id=started, is_taking_good=True, actor=_ACTOR)
    done = run_import(import_id=started)
    assert done.rows_added == IMPORTED_ROWS * 99 // 100, done.rows_added


def _read_all(lines: list[bytes]) -> None:
    """The same lines through the same parser and the same keys, and nothing else."""
    for line in lines:
        try:
            read_row(line, _COLUMNS, {}, region="US")
        except ValueError:
            continue


def _line(number: int, run: str) -> bytes:
    address = "no address" if number % 100 == 99 else f"Imported.{run}.{number}+news@Firm{number % 5_000}.example"
    return f"email,{address},asked not to be contacted,opt_out\n".encode()


def _address(number: int) -> str:
    return f"Person.{number}@mail.firm{number % 5_000}.example"


def _ask(workspace: Workspace, addresses: list[str]) -> Any:
    recipients = [RecipientFacts(kind="email", address=address) for address in addresses]
    question = DncQuestion(workspace_id=workspace.pk, connection="embedded", recipients=recipients)
    return get_dnc_facts([question], now=get_now())


def _key(workspace: Workspace, addresses: list[str]) -> None:
    keys = get_dnc_keys()
    for address in addresses:
        for name in asked_keys(DncKind.EMAIL, address, region=keys.region):
            keys.digest(workspace.pk, name)


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _row(name: str, **values: Any) -> dict[str, Any]:
    empty = {"ours": None, "reference": None, "unit": "ms", "ratio": None, "gate": "–", "goal": "–"}
    return {"name": name, **empty, **values}
