"""Bearer tokens: one credential, one agent, one query. Source: RFC 6750."""

import re
from typing import Any, cast

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from approvals.api.problem import unauthorized
from governance.domain.principal import Principal

_BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9._~+/-]{1,500}=*)")  # b64token of RFC 6750 §2.1
_QUERY_NAMES = frozenset({"access_token", "token", "bearer_token"})


class BearerAuthentication(BaseAuthentication):
    """Finds the agent behind the token. Two headers arrive joined by a comma, which no token holds: refused.

    The door does the look-up (`AgentView.find_principal`): one of them reads more by the same statement.
    """

    def authenticate(self, request: Request) -> tuple[Any, str]:
        """The principal and the token's kind; the token itself goes no further. Raises ProblemError (401)."""
        if not _QUERY_NAMES.isdisjoint(request.query_params):
            raise unauthorized("a token in the query string is refused: it would end up in logs")
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            raise unauthorized("send a bearer token", is_missing=True)
        found = _BEARER.fullmatch(header)
        principal = request.parser_context["view"].find_principal(found[1]) if found else None
        if principal is None or not principal.is_credential_active:
            raise unauthorized("the token is malformed, unknown, expired or revoked")
        return principal, "bearer"


def get_principal(request: Request) -> Principal:
    """The agent that `BearerAuthentication` found."""
    return cast("Principal", request.user)
