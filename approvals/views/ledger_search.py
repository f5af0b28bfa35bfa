"""The ledger's search in the console (AUD-04). An address of a person is never part of an address of ours."""

from dataclasses import fields
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from approvals.domain.ledger_query import LedgerQuery, UnreadableQueryError
from approvals.services.ledger_search import name_person, search_ledger
from approvals.services.pages.ledger_search import show_entries
from approvals.views.access import Desk, workspace_view
from approvals.views.filters import read_cursor
from approvals.views.page import render_page
from audit.domain.event_types import EVENT_TYPES
from governance.selectors.dnc_secret import DncUnavailableError

PERMISSION = "view_ledger"
_NAMES = frozenset(item.name for item in fields(LedgerQuery))
_REFUSALS = (UnreadableQueryError, DncUnavailableError)


@require_http_methods(["GET", "HEAD", "POST"])
@workspace_view(PERMISSION)
def ledger_search(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The form is posted, so that a person's address stays out of histories and logs; what it leads to is an address
    with the person's search term."""
    query = read_ledger_query(request.POST if request.method == "POST" else request.GET)
    try:
        if request.method == "POST":
            named = name_person(query, request.POST.get("address", ""), workspace=desk.workspace)
            return redirect(f"{reverse('approvals:ledger_search')}?{query_string(named, desk)}")
        page = search_ledger(query, workspace=desk.workspace, before=_before(request))
    except _REFUSALS as error:
        return _render(request, desk, query, {"refusal": f"{error}"}, status=422)
    return _render(request, desk, query, {"page": page, "rows": show_entries(page.entries)})


def read_ledger_query(given: QueryDict) -> LedgerQuery:
    """What a form or a query string says, and nothing else."""
    return LedgerQuery(**{name: str(given[name]).strip() for name in _NAMES if given.get(name)})


def query_string(query: LedgerQuery, desk: Desk) -> str:
    return urlencode({"workspace": desk.workspace.slug, **query.as_dict()})


def _before(request: HttpRequest) -> UUID | None:
    cursor = read_cursor(request.GET, "before")
    return UUID(cursor) if cursor else None


def _render(
    request: HttpRequest, desk: Desk, query: LedgerQuery, found: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    context = {
        "query": query,
        "here": query_string(query, desk),
        "types": sorted(EVENT_TYPES),
        "is_first_page": not request.GET.get("before"),
        **found,
    }
    return render_page(request, desk, "ledger_search.html", context, title="Search the ledger", status=status)
