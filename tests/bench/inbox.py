"""The inbox with 20,000 waiting among a million requests, and a batch of fifty approved: as the server answers.

Rows are filled by SQL from one real proposal: those that wait whole, settled ones without the large columns, which no
list reads. `--seconds 30` and more fills a million, less a tenth of it; the names say which. Needs PostgreSQL.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse

from approvals.models import AgentActionRequest, Vote
from approvals.services.batch_decision import Choice, decide_batch
from audit.domain.identifier import new_id
from audit.selectors.clock import get_now
from tests.builders.api import Site, make_site
from tests.builders.approvals import submit_pending
from tests.builders.console import log_in

WAITING, MANY, FEW = 20_000, 1_000_000, 100_000
BATCH = 50
GATE_PAGE_MS, GATE_BATCH_MS, GATE_QUERIES = 50.0, 1_000.0, 12
_LARGE = ("body", "facts", "decision", "patch")
_ID = (
    "(lpad(to_hex(%(base)s + n), 12, '0') || '7' || lpad(to_hex(n %% 4096), 3, '0') || '8'"
    " || substr(md5(n::text || %(salt)s), 1, 15))::uuid"
)


def run(seconds: float) -> list[dict[str, Any]]:
    """Three rows: the page, its queries, a batch."""
    if connection.vendor != "postgresql":
        return [_row("inbox and batch (skipped: needs PostgreSQL by DATABASE_URL)", unit="ms", gate="", ok=None)]
    settled = MANY if seconds >= 30 else FEW
    slug = f"bench-{new_id().hex[-12:]}"
    site = make_site(slug, agent_name=f"agent.{slug}")
    _fill(submit_pending(site), WAITING, "pending")
    _fill(AgentActionRequest.objects.filter(workspace=site.world.workspace).latest("id"), settled, "cancelled")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE approvals_agentactionrequest")
    with override_settings(ALLOWED_HOSTS=["*"]):
        return [*_page_rows(site, seconds, settled), _batch_row(site, seconds)]


def _fill(template: AgentActionRequest, count: int, status: str) -> None:
    """Copies of the template, each with an id and a key of its own."""
    names = [field.column for field in AgentActionRequest._meta.concrete_fields]
    is_open = status == "pending"
    values = {name: name for name in names} | {
        "id": _ID,
        "idempotency_key": "%(salt)s || n",
        "status": "%(status)s",
        "expires_at": "now() + interval '1 day'" if is_open else "expires_at",
    }
    values |= {} if is_open else dict.fromkeys(_LARGE, "'{}'::jsonb")
    columns, chosen = ", ".join(names), ", ".join(values[name] for name in names)
    base = int(time.time() * 1000) - (0 if is_open else 10**10)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO approvals_agentactionrequest ({columns}) SELECT {chosen} "  # noqa: S608 - names of our columns
            "FROM approvals_agentactionrequest, generate_series(1, %(count)s) n WHERE id = %(template)s",
            {"base": base, "salt": new_id().hex, "status": status, "count": count, "template": template.pk},
        )


def _page_rows(site: Site, seconds: float, settled: int) -> list[dict[str, Any]]:
    client, name = log_in(site.world.approver_user), f"inbox, {WAITING:,} waiting among {settled + WAITING:,}"
    address = reverse("approvals:inbox")
    _get(client, address)
    statements: list[str] = []
    with connection.execute_wrapper(_noting(statements)):
        _get(client, address)
    taken = _repeat(lambda: _get(client, address), seconds)
    middle = statistics.median(taken)
    return [
        _row(
            f"{name}, first page",
            ours=round(middle, 1),
            reference=GATE_PAGE_MS,
            ratio=round(middle / GATE_PAGE_MS, 2),
            unit="ms p50 (reference: the bar)",
            gate=f"≤ {GATE_PAGE_MS:g} ms",
            goal="≤ 30 ms",
            ok=middle <= GATE_PAGE_MS,
            spread=f"{min(taken):.0f}–{max(taken):.0f} ms, {_processor(lambda: _get(client, address))}",
        ),
        _row(
            f"{name}, queries of the page",
            ours=len(statements),
            reference=GATE_QUERIES,
            unit="queries (reference: the bar)",
            gate=f"≤ {GATE_QUERIES}",
            goal=f"≤ {GATE_QUERIES}",
            ok=len(statements) <= GATE_QUERIES,
        ),
    ]


def _noting(statements: list[str]) -> Callable[..., Any]:
    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    return note


def _batch_row(site: Site, seconds: float) -> dict[str, Any]:
    """Each round approves the fifty oldest: votes, transitions, ledger events, the manifest."""
    taken = _repeat(lambda: _approve_fifty(site), seconds)
    assert Vote.objects.filter(request__workspace=site.world.workspace).count() == BATCH * (len(taken) + 1)
    middle = statistics.median(taken)
    return _row(
        f"batch of {BATCH} approved",
        ours=round(middle),
        reference=GATE_BATCH_MS,
        ratio=round(middle / GATE_BATCH_MS, 2),
        unit="ms p50 (reference: the bar)",
        gate=f"≤ {GATE_BATCH_MS:,.0f} ms",
        goal="≤ 500 ms",
        ok=middle <= GATE_BATCH_MS,
        spread=f"{min(taken):.0f}–{max(taken):.0f} ms, {_processor(lambda: _approve_fifty(site))}",
    )


def _approve_fifty(site: Site) -> float:
    rows = AgentActionRequest.objects.filter(workspace=site.world.workspace, status="pending").order_by("id")
    choices = [Choice(pk, digest) for pk, digest in rows.values_list("pk", "digest")[:BATCH]]
    started = time.perf_counter()
    decide_batch(
        workspace_id=site.world.workspace.pk,
        person_id=site.world.approver.pk,
        user_id=site.world.approver_user.pk,
        key=str(new_id()),
        choices=choices,
        taken_out=(),
        verdict="approve",
        reason="",
        now=get_now(),
    )
    return (time.perf_counter() - started) * 1000


def _get(client: Client, address: str) -> float:
    started = time.perf_counter()
    answer = client.get(address, secure=True)
    assert answer.status_code == 200, answer.status_code
    return (time.perf_counter() - started) * 1000


def _processor(measure: Callable[[], float]) -> str:
    """Milliseconds of processor in this process, which busy neighbours do not change: the median of five."""
    taken = []
    for _ in range(5):
        started = time.process_time()
        measure()
        taken.append((time.process_time() - started) * 1000)
    return f"processor {statistics.median(taken):.0f} ms"


def _repeat(measure: Callable[[], float], seconds: float) -> list[float]:
    """After one that warms up, as many as fit, five at least."""
    measure()
    taken: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until or len(taken) < 5:
        taken.append(measure())
    return taken


def _row(name: str, **values: Any) -> dict[str, Any]:
    empty = {"ours": None, "reference": None, "ratio": None, "goal": ""}
    return {"name": name, **empty, **values}
