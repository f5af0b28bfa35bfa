"""All requests: newest first, found by status, agent, object, record or correlation id (AUD-04)."""

from datetime import date

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from approvals.domain.measures import MEANING, TOGETHER_WORDS, read_counted
from approvals.domain.status import Status
from approvals.domain.wording import status_words
from approvals.models import AgentActionRequest
from approvals.selectors.list_choices import list_choices
from approvals.selectors.measured import counted_as, received_within
from approvals.selectors.requests import list_requests
from approvals.services.pages.rows import show_rows
from approvals.views.access import Desk, workspace_view
from approvals.views.filters import RequestFilters, read_cursor, read_request_filters
from approvals.views.page import render_page

PAGE_SIZE = 50
STATUSES = tuple((status.value, status_words(status)) for status in Status)
MEASURES = tuple((measure.value, words) for measure, (words, _) in MEANING.items())
MEASURES += tuple((together.value, words) for together, words in TOGETHER_WORDS.items())


@require_safe
@workspace_view("view_requests", of_agents=True)
def all_requests(request: HttpRequest, desk: Desk) -> HttpResponse:
    filters = read_request_filters(request.GET)
    before = read_cursor(request.GET, "before")
    rows = list_requests(workspace_id=desk.workspace.pk, agents=desk.agents)
    rows = _filter(rows, filters).select_related("person")
    found = list((rows.filter(pk__lt=before) if before else rows)[: PAGE_SIZE + 1])
    context = {
        "rows": show_rows(found[:PAGE_SIZE], now=desk.now),
        "before": found[PAGE_SIZE - 1].pk if len(found) > PAGE_SIZE else "",
        "is_first_page": not before,
        "filters": filters,
        "statuses": STATUSES,
        "measures": MEASURES,
        "choices": list_choices(workspace_id=desk.workspace.pk, agents=desk.agents),
    }
    return render_page(request, desk, "all_requests.html", context, title="All requests")


def _filter(rows: QuerySet[AgentActionRequest], filters: RequestFilters) -> QuerySet[AgentActionRequest]:
    wanted = {
        "status": filters.status,
        "agent__name": filters.agent,
        "object_type": filters.object,
        "record_id": filters.record,
        "correlation_id": filters.correlation,
        "action": filters.action,
        "status_code": filters.code,
        "body__changes__has_key": filters.field,
    }
    found = rows.filter(**{name: value for name, value in wanted.items() if value})
    found = received_within(found, first=_day(filters.first), last=_day(filters.last))
    counted = read_counted(filters.measure)
    return counted_as(found, counted) if counted else found


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
