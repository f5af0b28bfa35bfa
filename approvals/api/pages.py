"""Keyset pages over an agent's own requests, newest first: page N costs what page 1 does, and nothing is counted."""

from uuid import UUID

from rest_framework.request import Request

from approvals.api.filters import apply_filters
from approvals.api.problem import ProblemError
from approvals.api.representation import ROOT, Representation, represent_request
from approvals.selectors.requests import list_requests
from governance.domain.principal import Principal

DEFAULT_LIMIT = 50
MAX_LIMIT = 200


def list_page(request: Request, *, principal: Principal) -> Representation:
    """One page; `next` is null on the last one. Raises ProblemError (422)."""
    rows = list_requests(workspace_id=principal.workspace_id, agent_id=principal.agent_id)
    rows = apply_filters(request.query_params, rows)
    if cursor := request.query_params.get("cursor"):
        rows = rows.filter(id__lt=_read_cursor(cursor))
    limit = _read_limit(request.query_params.get("limit", ""))
    page = list(rows[: limit + 1])
    next_cursor = str(page[limit - 1].id) if len(page) > limit else None
    return {
        "results": [represent_request(row) for row in page[:limit]],
        "next_cursor": next_cursor,
        "next": _next_url(request, next_cursor) if next_cursor else None,
    }


def _next_url(request: Request, cursor: str) -> str:
    parameters = request.query_params.copy()
    parameters["cursor"] = cursor
    return f"{ROOT}/action-requests/?{parameters.urlencode()}"


def _read_cursor(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ProblemError(422, "invalid_cursor", "the cursor is none of ours") from None


def _read_limit(text: str) -> int:
    if not text:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MAX_LIMIT):
        raise ProblemError(422, "invalid_parameter", f"`limit` is a whole number from 1 to {MAX_LIMIT}")
    return int(text)
