"""`/healthz`, `/readyz`, `/metrics`: for load balancers and monitoring, not for people."""

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit.selectors.clock import get_now
from config.health import as_json, run_checks
from config.metrics import render_metrics

_LOOPBACK = frozenset({"127.0.0.1", "::1"})


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process runs and can answer. Touches nothing else."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """200 when every check is green, else 503; the body names each check."""
    body = as_json(run_checks())
    return JsonResponse(body, status=200 if body["ready"] else 503)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text, for the holder of METRICS_TOKEN or, where none is set, for this machine alone."""
    if not _may_read_metrics(request):
        return JsonResponse({"code": "metrics_forbidden"}, status=403)
    return HttpResponse(render_metrics(now=get_now()), content_type="text/plain; version=0.0.4; charset=utf-8")


def _may_read_metrics(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        offered = request.headers.get("Authorization", "")
        return secrets.compare_digest(offered.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    # Behind a proxy every caller would look like this machine: then only a token opens the door.
    return request.META.get("REMOTE_ADDR") in _LOOPBACK and "X-Forwarded-For" not in request.headers
