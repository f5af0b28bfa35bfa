"""An attachment to be read before the vote: handed over as a file that no browser opens by itself."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from approvals.models import AgentActionRequest
from approvals.services.attachments import download_attachment
from approvals.views.access import Desk, request_view
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.adapters.file_response import NOT_RECORDED, file_response


@require_safe
@request_view("view_requests")
def attachment(request: HttpRequest, desk: Desk, row: AgentActionRequest, number: int) -> HttpResponse:  # noqa: ARG001
    """The file with this number. Whoever may read the request may read what would leave with it."""
    actor = desk.actor
    try:
        file = download_attachment(row, number=number, actor=actor, now=get_now())
    except LedgerUnavailableError:
        return HttpResponse(NOT_RECORDED, status=503)
    if file is None:
        raise Http404
    return file_response(file.name, file.content)
