"""Change lists of the console beside Django's admin as shipped, over the same million rows, in turns in one run."""

import statistics
import time
from typing import Any

from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse

from governance.models import User
from tests.bench.million import get_million
from tests.bench.pages import GATE_QUERIES, get_page, is_skipped, processor, row, skipped
from tests.builders.console import log_in
from tests.statements import captured_statements

LISTS = ("agentactionrequest", "exceptioncase")
GATE, GOAL = 0.3, 0.1
READER = "bench-root@example.com"


def run(seconds: float) -> list[dict[str, Any]]:
    """Two rows a list: its time beside the stock one's, and its queries."""
    if is_skipped():
        return skipped("change lists")
    million = get_million(seconds)
    with override_settings(ALLOWED_HOSTS=["*"], ROOT_URLCONF="tests.bench.stock_admin"):
        client = log_in(_reader())
        return [found for name in LISTS for found in _rows(name, client, seconds, million.words)]


def _rows(model: str, client: Client, seconds: float, words: str) -> list[dict[str, Any]]:
    ours, stock = (reverse(f"{site}:approvals_{model}_changelist") for site in ("admin", "stock"))
    get_page(client, ours), get_page(client, stock)
    with captured_statements() as statements:
        get_page(client, ours)
    pairs = []
    until = time.monotonic() + seconds
    while time.monotonic() < until or len(pairs) < 5:
        pairs.append((get_page(client, ours), get_page(client, stock)))
    ratios = [one / other for one, other in pairs]
    middle = statistics.median(ratios)
    return [
        row(
            f"change list {model}, {words}",
            ours=round(statistics.median(one for one, _ in pairs), 1),
            reference=round(statistics.median(other for _, other in pairs), 1),
            ratio=round(middle, 2),
            unit="ms p50 (reference: Django's admin as shipped)",
            gate=f"≤ {GATE:g} ×",
            goal=f"≤ {GOAL:g} ×",
            ok=middle <= GATE,
            spread=f"{min(ratios):.2f}–{max(ratios):.2f}, {processor(lambda: get_page(client, ours))}",
        ),
        row(
            f"change list {model}, queries of the page",
            ours=len(statements),
            reference=GATE_QUERIES,
            unit="queries (reference: the bar)",
            gate=f"≤ {GATE_QUERIES}",
            goal=f"≤ {GATE_QUERIES}",
            ok=len(statements) <= GATE_QUERIES,
        ),
    ]


def _reader() -> User:
    found = User.objects.filter(username=READER).first()
    return found or User.objects.create_superuser(username=READER, email=READER)
