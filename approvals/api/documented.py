"""How a door is described in the OpenAPI document. Types come from the very structs that parse and that tests check."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from governance.domain import scopes

REF = "#/components/schemas/"

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="1–255 visible ASCII characters. The same key and body get the same answer; another body is refused.",
)
PREFER = OpenApiParameter(
    "Prefer",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="`wait=N` (N ≤ 30): wait up to N seconds for decision or result. Source: RFC 7240.",
)

_MEANINGS = {
    400: "Malformed JSON, or no usable `Idempotency-Key`",
    401: "No valid token",
    403: "The token lacks the scope, or policy forbids the read",
    404: "No such resource among your own",
    409: "Not in this state, or the same key is being accepted right now",
    411: "No `Content-Length`",
    413: "The body is too large",
    415: "Not `application/json` in UTF-8",
    422: "Not acceptable as a request: `code` and `pointer` say why",
    429: "Too many requests wait for a decision",
    503: "Database, ledger or CRM cannot be used now; nothing was done",
}
_READING = (401, 403)
_WRITING = (400, 401, 403, 411, 413, 415, 422, 503)


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Client credentials at `/oauth/token/` (RFC 6749 §4.4), then a bearer token (RFC 6750)."""

    target_class = "approvals.api.authentication.BearerAuthentication"
    name = "agentCredentials"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:  # noqa: ARG002  # the framework's signature
        flow = {"tokenUrl": "/oauth/token/", "scopes": scopes.MEANINGS}
        return {"type": "oauth2", "flows": {"clientCredentials": flow}}


class ReporterScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The session of a person's login, with its form token; or an integration's token, as everywhere else."""

    target_class = "approvals.api.bad_action.ReporterAuthentication"
    name = "personSession"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:  # noqa: ARG002  # the framework's signature
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, Any]]:  # noqa: ARG002
        return [{"agentCredentials": []}, {"personSession": []}]


def ref(name: str) -> dict[str, str]:
    return {"$ref": REF + name}


def documented(
    summary: str,
    answers: dict[int, str],
    *,
    body: str = "",
    problems: Iterable[int] = (),
    parameters: Iterable[OpenApiParameter] = (),
    file: str = "",
) -> Callable[[Any], Any]:
    """`answers` maps statuses to names of components; `problems` adds to those that every such door can have. A door
    that gives a file names its media type as `file` instead.
    """
    codes = sorted({*(_WRITING if body else _READING), *problems})
    responses: dict[Any, Any] = {
        status: OpenApiResponse(ref(name), description=summary) for status, name in answers.items()
    }
    if file:
        responses[200, file] = OpenApiResponse(OpenApiTypes.STR, description=summary)
    for status in codes:
        responses[status, "application/problem+json"] = OpenApiResponse(ref("Problem"), description=_MEANINGS[status])
    request = {"application/json": ref(body)} if body else None
    decorate: Callable[[Any], Any] = extend_schema(
        operation_id=re.sub(r"\W+", "_", summary.lower()),
        summary=summary,
        description=" ",
        request=request,
        responses=responses,
        parameters=list(parameters),
    )
    return decorate
