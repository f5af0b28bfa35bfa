"""One correlation id per HTTP request: taken from a sane header or made, bound to log lines, given back (EXE-06)."""

import re
import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from audit.domain.identifier import new_id
from config.metrics import observe_request
from config.structured_logs import log_line

HEADER = "X-Correlation-ID"
_OFFERED = "HTTP_X_CORRELATION_ID"
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,119}", re.ASCII)


def correlation_id_of(request: HttpRequest) -> str:
    """The caller's id when it is short and plain, else a new one: it goes into logs and headers."""
    offered = request.META.get(_OFFERED, "")
    return offered if _SANE.fullmatch(offered) else str(new_id())


class CorrelationMiddleware:
    """Outermost middleware. Sets `request.correlation_id`; logs one line per request, without query string or body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        correlation_id = correlation_id_of(request)
        request.correlation_id = correlation_id  # type: ignore[attr-defined]
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(correlation_id=correlation_id):
            response = self.get_response(request)
            seconds = time.perf_counter() - started
            route = _route_of(request)
            observe_request(method=request.method or "", route=route, status=response.status_code, seconds=seconds)
            told = {"method": request.method, "path": request.path, "route": route, "status": response.status_code}
            log_line(__name__, told | {"ms": round(seconds * 1000, 1), "event": "request.finished"})
        response[HEADER] = correlation_id
        return response


def _route_of(request: HttpRequest) -> str:
    """The pattern that matched: a bounded set, fit for a metric's label."""
    return request.resolver_match.route if request.resolver_match else "unmatched"
