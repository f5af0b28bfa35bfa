"""The answer to paths that do not exist."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from approvals.api.base import problem_response
from approvals.api.problem import ProblemError


@csrf_exempt
def no_such_path(request: HttpRequest) -> HttpResponse:
    """404 as problem details, for every method."""
    correlation_id = str(getattr(request, "correlation_id", ""))
    return problem_response(ProblemError(404, "not_found", "no such path"), correlation_id=correlation_id)
