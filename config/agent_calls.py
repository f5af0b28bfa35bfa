"""Calls with a bearer token skip what serves browsers: assets, sessions, CSRF, logins (a tenth of a call's work).

A token is the only credential that the API takes, and a browser never sends one by itself: there is nothing to forge.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch, resolve

from config.content_policy import ContentPolicyMiddleware

_API = "/api/"
_BEARER = "bearer "


class AgentCallMiddleware:
    """Stands before the browsers' middleware and answers agents' calls itself; all others go on down the chain."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.answer = ContentPolicyMiddleware(convert_exception_to_response(_answer))

    def __call__(self, request: HttpRequest) -> Any:
        return self.answer(request) if _is_agent_call(request) else self.get_response(request)


def _is_agent_call(request: HttpRequest) -> bool:
    return request.path_info.startswith(_API) and request.META.get("HTTP_AUTHORIZATION", "")[:7].lower() == _BEARER


@lru_cache(maxsize=256)
def _find_view(path: str, urlconf: str) -> ResolverMatch:
    """The view of a path, kept: most calls go to the few paths that hold no id. Raises Resolver404."""
    return resolve(path, urlconf)


def _answer(request: HttpRequest) -> Any:
    """What the view answers, with the headers that the browsers' middleware would have set."""
    request.get_host()  # raises DisallowedHost
    match = request.resolver_match = _find_view(request.path_info, settings.ROOT_URLCONF)
    response = match.func(request, *match.args, **match.kwargs)
    if hasattr(response, "render"):
        response = response.render()
    response.headers.setdefault("X-Frame-Options", "DENY")
    if not response.streaming:
        response.headers.setdefault("Content-Length", str(len(response.content)))
    return response
