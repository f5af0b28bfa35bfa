"""Edit and approve: the values that a reviewer typed instead, and their approval of the result (APR-12)."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from approvals.domain.correction import MAX_INPUT
from approvals.models import AgentActionRequest
from approvals.services.correction import MAX_REASON, Edit, correct_request
from approvals.services.pages.edit_form import Typed
from approvals.services.reservations import leave
from approvals.services.review import ReviewError, VoteResult
from approvals.services.review_errors import CorrectionRefusedError
from approvals.views.access import Desk, request_view
from approvals.views.review import next_address, refused, review_page, tell_result
from audit.selectors.clock import get_now

_VALUE, _SEEN = "value.", "seen."


@require_POST
@request_view("review_requests")
def edit(request: HttpRequest, desk: Desk, row: AgentActionRequest) -> HttpResponse:
    form = read_edit(request.POST)
    try:
        result = correct_request(
            request_id=row.pk, person_id=desk.require_person(), user_id=desk.user.pk, edit=form, now=get_now()
        )
    except CorrectionRefusedError as error:
        typed = Typed(values=form.typed, left_out=form.left_out, reason=form.reason, refusal=error)
        return review_page(request, desk, row, typed=typed, refusal=_refusal_words(error), status=error.http_status)
    except ReviewError as error:
        return refused(request, desk, row, error)
    leave(request_id=row.pk, person_id=desk.require_person())
    tell_result(request, result, _result_words(result))
    return redirect(next_address(request, desk, row))


def read_edit(form: QueryDict) -> Edit:
    """The form as it was sent; what is no text becomes none."""
    return Edit(
        digest=form.get("digest", "").replace("\x00", ""),
        typed={name: value[: MAX_INPUT + 1] for name, value in _named(form, _VALUE).items()},
        left_out=tuple(dict.fromkeys(form.getlist("leave"))),
        seen=_named(form, _SEEN),
        reason=form.get("reason", "").replace("\x00", "").strip()[:MAX_REASON],
    )


def _named(form: QueryDict, prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): form.get(name, "") for name in form if name.startswith(prefix)}


def _refusal_words(error: CorrectionRefusedError) -> str:
    return f"Not saved: {error}. Nothing was decided." if error.reasons else f"Not saved: {error}."


def _result_words(result: VoteResult) -> str:
    if result.status == "pending":
        return "Corrected, and your approval counts. It still waits for somebody else, on the new values."
    return "Corrected and approved. It runs now."
