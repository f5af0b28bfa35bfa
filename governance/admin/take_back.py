"""From a governed row to taking back what was done by it: the reviewers' page, its choice filled in (RVT-02)."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html

REVERTED_BY = "revert_requests"


def take_back_link(workspace: str, **choice: Any) -> str:
    """A link to the choice of a bulk revert in the workspace of this slug."""
    address = f"{reverse('approvals:bulk_reverts')}?{urlencode({'workspace': workspace, **choice})}"
    return format_html('<a class="text-primary-600" href="{}">Take changes back…</a>', address)
