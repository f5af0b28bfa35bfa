"""The inbox with 20,000 waiting among a million requests, and a batch of fifty approved: as the server answers."""

import statistics
import time
from typing import Any

from django.test.utils import override_settings
from django.urls import reverse

from approvals.models import AgentActionRequest, Vote
from approvals.services.batch_decision import Choice, decide_batch
from audit.domain.identifier import new_id
from audit.selectors.clock import get_now
from tests.bench.million import get_manager, get_million
from tests.bench.pages import is_skipped, page_rows, processor, repeat, row, skipped
from tests.builders.api import Site
from tests.builders.console import log_in
from tests.statements import captured_statements

BATCH, GATE_BATCH_MS = 50, 1_000.0


def run(seconds: float) -> list[dict[str, Any]]:
    """Four rows: the page, its queries, a batch, its statements."""
    if is_skipped():
        return skipped("inbox and batch")
    million = get_million(seconds)
    client = log_in(get_manager(million.site))
    with override_settings(ALLOWED_HOSTS=["*"]):
        page = page_rows(f"inbox, {million.words}", client, reverse("approvals:inbox"), seconds)
        return [*page, *_batch_rows(million.site, seconds)]


def _batch_rows(site: Site, seconds: float) -> list[dict[str, Any]]:
    """Each round approves the fifty oldest: votes, transitions, ledger events, the manifest."""
    before = _count_votes(site)
    taken = repeat(lambda: _approve_fifty(site), seconds)
    assert _count_votes(site) - before == BATCH * (len(taken) + 1)
    with captured_statements() as statements:
        _approve_fifty(site)
    middle = statistics.median(taken)
    return [
        row(
            f"batch of {BATCH} approved",
            ours=round(middle),
            reference=GATE_BATCH_MS,
            ratio=round(middle / GATE_BATCH_MS, 2),
            unit="ms p50 (reference: the bar)",
            gate=f"≤ {GATE_BATCH_MS:,.0f} ms",
            goal="≤ 500 ms",
            ok=middle <= GATE_BATCH_MS,
            spread=f"{min(taken):.0f}–{max(taken):.0f} ms, {processor(lambda: _approve_fifty(site))}",
        ),
        row(f"batch of {BATCH} approved, statements", ours=len(statements), unit="statements", gate="", ok=None),
    ]


def _count_votes(site: Site) -> int:
    return Vote.objects.filter(request__workspace=site.world.workspace).count()


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
