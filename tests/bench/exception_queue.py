"""The exception queue with 20,000 open cases among a million requests, which it must not look at."""

from typing import Any

from django.test.utils import override_settings
from django.urls import reverse

from tests.bench.million import CASES, get_manager, get_million
from tests.bench.pages import is_skipped, page_rows, skipped
from tests.builders.console import log_in


def run(seconds: float) -> list[dict[str, Any]]:
    """Two rows: the first page of the queue, and its queries."""
    if is_skipped():
        return skipped("exception queue")
    million = get_million(seconds)
    with override_settings(ALLOWED_HOSTS=["*"]):
        name = f"exception queue, {CASES:,} open, {million.words}"
        return page_rows(name, log_in(get_manager(million.site)), reverse("approvals:exceptions"), seconds)
