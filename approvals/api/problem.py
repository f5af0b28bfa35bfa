"""What could not be accepted, told as problem details with a stable `code`. Source: RFC 9457.

A denial by policy is no problem but an answer. Errors of the services are translated here, by their `code`, and nowhere
else; an error that this table does not know is a defect and answers 500 without a word about its cause.
"""

import logging
from typing import Any

from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
REALM = "countersign"
_MAX_DETAIL = 500

# Errors of the pure core know no HTTP; those of the services carry `http_status`.
STATUS_BY_CODE: dict[str, int] = {
    "malformed_json": 400,
    "item_too_large": 413,
    "batch_too_large": 422,
    "duplicate_key": 422,
    "duplicate_target": 422,
    "empty_batch": 422,
    "empty_diff": 422,
    "invalid_attachment": 422,
    "invalid_id": 422,
    "invalid_recipient": 422,
    "invalid_type": 422,
    "invalid_unicode": 422,
    "invalid_value": 422,
    "missing_field": 422,
    "nesting_too_deep": 422,
    "non_finite_number": 422,
    "idempotency_key_reused": 422,
    "unknown_action": 422,
    "unknown_field": 422,
    "unsafe_integer": 422,
    "audit_unavailable": 503,
    "dnc_entry_refused": 422,
    "dnc_unavailable": 503,
    "policy_corrupt": 503,
}

_DRF_CODES: dict[type[exceptions.APIException], str] = {
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.NotFound: "not_found",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
}


class ProblemError(Exception):
    """An answer that is no success. `pointer` is the JSON pointer of the member at fault, if there is one."""

    def __init__(
        self, status: int, code: str, detail: str, *, pointer: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.pointer = pointer
        self.headers = headers or {}


def unauthorized(detail: str, *, is_missing: bool = False) -> ProblemError:
    """401 with the challenge of RFC 6750 §3: the error is named only when a token was presented."""
    challenge = f'Bearer realm="{REALM}"' + (
        "" if is_missing else f', error="invalid_token", error_description="{detail}"'
    )
    return ProblemError(401, "invalid_token", detail, headers={"WWW-Authenticate": challenge})


def insufficient_scope(scope: str) -> ProblemError:
    """403 as RFC 6750 §3.1 says it."""
    challenge = f'Bearer realm="{REALM}", error="insufficient_scope", scope="{scope}"'
    detail = f"the token lacks the scope `{scope}`"
    return ProblemError(403, "insufficient_scope", detail, headers={"WWW-Authenticate": challenge})


def to_problem(error: Exception) -> ProblemError:
    """The problem that an error is told as. What is not anticipated is logged here, once, with its traceback."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, Http404):
        return ProblemError(404, "not_found", "no such resource")
    if isinstance(error, exceptions.APIException):
        return _from_drf(error)
    code = getattr(error, "code", None)
    status = getattr(error, "http_status", None) or STATUS_BY_CODE.get(code or "")
    if isinstance(code, str) and status:
        return ProblemError(status, code, str(error), pointer=getattr(error, "pointer", ""), headers=_retry(error))
    logger.error("api.unanticipated", exc_info=error)
    if isinstance(error, OperationalError):
        detail = "the database does not answer; try again with the same idempotency key"
        return ProblemError(503, "unavailable", detail, headers={"Retry-After": "1"})
    return ProblemError(500, "internal_error", "an error on our side; nothing was done unless this request says so")


def problem_document(problem: ProblemError, *, correlation_id: str) -> dict[str, Any]:
    """The members of RFC 9457 §3.1 plus `code`, `pointer` and `correlation_id`."""
    document: dict[str, Any] = {
        "type": f"urn:countersign:problem:{problem.code}",
        "title": problem.code.replace("_", " "),
        "status": problem.status,
        "detail": _plain(problem.detail),
        "code": problem.code,
        "correlation_id": correlation_id,
    }
    if problem.pointer:
        document["pointer"] = _plain(problem.pointer)
    return document


def _from_drf(error: exceptions.APIException) -> ProblemError:
    code = _DRF_CODES.get(type(error), "invalid_value" if error.status_code == 400 else "refused")
    return ProblemError(error.status_code, code, str(error.detail).rstrip("."))


def _retry(error: Exception) -> dict[str, str]:
    seconds = getattr(error, "retry_after_seconds", None)
    return {"Retry-After": str(int(seconds) + 1)} if seconds else {}


def _plain(text: str) -> str:
    """Text of a caller's making, fit to be encoded and read: no half surrogates, not endless."""
    shown = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return shown if len(shown) <= _MAX_DETAIL else shown[:_MAX_DETAIL] + "…"
