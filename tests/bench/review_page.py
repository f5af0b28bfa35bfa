"""The page of one request that waits, among a million requests: as the server answers."""

from typing import Any

from django.test.utils import override_settings
from django.urls import reverse

from approvals.models import AgentActionRequest
from tests.bench.million import get_manager, get_million
from tests.bench.pages import is_skipped, page_rows, skipped
from tests.builders.console import log_in


def run(seconds: float) -> list[dict[str, Any]]:
    """Two rows: the page and its queries."""
    if is_skipped():
        return skipped("review page")
    million = get_million(seconds)
    waiting = AgentActionRequest.objects.filter(workspace=million.site.world.workspace, status="pending")
    address = reverse("approvals:review", args=[waiting.order_by("id").values_list("pk", flat=True)[100]])
    with override_settings(ALLOWED_HOSTS=["*"]):
        return page_rows(f"review, {million.words}", log_in(get_manager(million.site)), address, seconds)
