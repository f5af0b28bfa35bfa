"""Searching the ledger: the first page, by each criterion and by the worst pairs of them, over a long ledger (AUD-04).

Events, leaves and terms are filled by SQL in place: none of them verifies. A kept database keeps them; for ten million,
on a quiet machine: `manage.py bench ledger_search --listed 10000000 --keep search`. Needs PostgreSQL.
"""

import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection

from approvals.domain.ledger_query import LedgerQuery
from approvals.domain.search_terms import agent_text, field_text, record_text
from approvals.services.ledger_search import search_ledger
from approvals.services.search_terms import term_of
from audit.models import LedgerEvent
from config.measuring import LISTED, LISTED_VARIABLE
from governance.models import Workspace
from governance.selectors.dnc_secret import get_dnc_keys

FILLED_AT_ONCE = 250_000
GATE_MS = 100.0
_SPAN_MS = 90 * 86_400_000
_WORKSPACE = "bench-search"
# An event every span/count ms over 90 days; ids as RFC 9562 §5.7 makes them of that time.
_EVENTS = """
INSERT INTO audit_ledgerevent (id, body, leaf_hash, type, workspace, actor_type, actor_id, subject_type, subject_id,
                               correlation_id, at)
SELECT (lpad(to_hex(ms), 12, '0') || '7' || substr(md5(n::text), 1, 3) || 'a' || substr(md5(n::text), 4, 15))::uuid,
       convert_to('{{"actor":{{"id":"agent.' || n %% 5 || '","type":"agent"}},"commitments":{{}},"correlation_id":"c",'
       || '"data":{{"pad":"' || repeat(md5(n::text), 20) || '"}},"subject":{{"id":"s","type":"request"}},"type":"'
       || (ARRAY['request.received','request.decided','request.executed'])[n %% 3 + 1]
       || '","workspace":"bench-search"}}', 'UTF8'),
       decode(md5(n::text), 'hex'), (ARRAY['request.received','request.decided','request.executed'])[n %% 3 + 1],
       'bench-search', 'agent', 'agent.' || n %% 5, 'request', (n / 3)::text, 'run-' || n / 30,
       to_timestamp(ms / 1000.0)
FROM (SELECT n, (extract(epoch FROM now()) * 1000)::bigint - {span} + n * {span} / %s AS ms
      FROM generate_series(%s, %s) n) made
"""
_LEAVES = """
INSERT INTO audit_ledgerleaf (leaf_index, event_id, leaf_hash, sequenced_at)
SELECT (SELECT coalesce(max(leaf_index), -1) FROM audit_ledgerleaf) + row_number() OVER (ORDER BY p.id), p.event_id,
       ''::bytea, now() FROM audit_pendingevent p
"""
# An agent in five, a field in eight, a record in a hundred thousand, a field that the newest half never has.
_TERMS = """
INSERT INTO audit_searchterm (term, event_id)
SELECT term, id FROM (
    SELECT id, unnest(ARRAY[
        (%(agents)s::bigint[])[n %% 5 + 1],
        (%(fields)s::bigint[])[n %% 8 + 1],
        CASE n %% 100000 WHEN 7 THEN %(record)s::bigint ELSE hashint8(n %% 100000)::bigint END,
        CASE WHEN n < %(half)s THEN %(old)s::bigint END]) AS term
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM audit_ledgerevent WHERE workspace = 'bench-search') e
) t WHERE term IS NOT NULL
"""


def run(seconds: float) -> list[dict[str, Any]]:
    """One row a search: the slowest of twenty runs, and the most that is allowed."""
    if connection.vendor != "postgresql":
        return [_row("ledger search (skipped: needs PostgreSQL by DATABASE_URL)", None)]
    workspace, _ = Workspace.objects.get_or_create(slug=_WORKSPACE, defaults={"name": _WORKSPACE})
    count = _fill(workspace, int(os.environ.get(LISTED_VARIABLE, LISTED)))
    middle = LedgerEvent.objects.filter(correlation_id__startswith="run-").order_by("id")[count // 2]
    queries = {
        "everything": LedgerQuery(),
        "an agent": LedgerQuery(agent="agent.1"),
        "a record": LedgerQuery(record="embedded/companies/7"),
        "an agent and a field": LedgerQuery(agent="agent.1", field="companies.f3"),
        "an agent and what the newest half has not": LedgerQuery(agent="agent.1", field="companies.old"),
        "an agent and a type": LedgerQuery(agent="agent.2", type="request.executed"),
        "a correlation id": LedgerQuery(correlation=middle.correlation_id),
        "an agent in one week": LedgerQuery(agent="agent.1", first=str(middle.at.date()), last=str(middle.at.date())),
    }
    each = seconds / len(queries)
    ask = partial(search_ledger, workspace=workspace)
    return [
        _measure(f"ledger search: {name}, {count:,} events", partial(ask, query), each)
        for name, query in queries.items()
    ]


def _fill(workspace: Workspace, wanted: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SELECT count(*) FROM audit_ledgerevent WHERE workspace = %s", [_WORKSPACE])
        if cursor.fetchone()[0] < wanted:
            _fill_events(cursor, wanted)
            _fill_terms(cursor, workspace, wanted)
        cursor.execute("SELECT count(*) FROM audit_ledgerevent WHERE workspace = %s", [_WORKSPACE])
        count: int = cursor.fetchone()[0]
        cursor.execute("RESET statement_timeout")
    return count


def _fill_events(cursor: Any, wanted: int) -> None:
    for start in range(1, wanted + 1, FILLED_AT_ONCE):
        last = min(start + FILLED_AT_ONCE - 1, wanted)
        cursor.execute(_EVENTS.format(span=_SPAN_MS), [wanted, start, last])
        cursor.execute(_LEAVES)
        cursor.execute("DELETE FROM audit_pendingevent")


def _fill_terms(cursor: Any, workspace: Workspace, wanted: int) -> None:
    keys = get_dnc_keys()
    term = partial(term_of, workspace.pk, keys=keys)
    values = {
        "agents": [term(agent_text(f"agent.{number}")) for number in range(5)],
        "fields": [term(field_text("companies", f"f{number}")) for number in range(8)],
        "record": term(record_text("embedded", "companies", "7")),
        "old": term(field_text("companies", "old")),
        "half": wanted // 2,
    }
    cursor.execute("DELETE FROM audit_searchterm")
    cursor.execute(_TERMS, values)
    cursor.execute("VACUUM ANALYZE audit_searchterm, audit_ledgerevent, audit_ledgerleaf")


def _measure(name: str, search: Callable[[], Any], seconds: float) -> dict[str, Any]:
    taken: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until or len(taken) < 20:
        started = time.perf_counter()
        search()
        taken.append((time.perf_counter() - started) * 1_000)
    return _row(name, statistics.quantiles(taken, n=20)[18], statistics.median(taken))


def _row(name: str, ours: float | None, middle: float = 0.0) -> dict[str, Any]:
    return {
        "name": name,
        "ours": None if ours is None else round(ours, 1),
        "reference": None if ours is None else round(middle, 1),
        "unit": "ms p95 (reference: p50)",
        "ratio": None if ours is None else round(ours / middle, 2),
        "gate": f"≤ {GATE_MS:g} ms",
        "goal": "≤ 50 ms",
        "ok": None if ours is None else ours <= GATE_MS,
    }
