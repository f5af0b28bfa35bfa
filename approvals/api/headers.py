"""Request headers that change what a call means: `Idempotency-Key` and `Prefer`."""

import re

from django.http import HttpRequest
from rest_framework.request import Request

from approvals.api.problem import ProblemError

MAX_KEY_LENGTH = 255
MAX_WAIT_SECONDS = 30

_KEY = re.compile(r"[\x21-\x7e]+")
_WAIT = re.compile(r'(?:^|[,;])\s*wait\s*=\s*"?([0-9]{1,4})"?\s*(?=$|[,;])', re.IGNORECASE)


def read_idempotency_key(request: Request | HttpRequest) -> str:
    """The caller's key: 1–255 visible ASCII characters. Raises ProblemError (400).

    Source: draft-ietf-httpapi-idempotency-key-header-07; its quotes are part of the key for us.
    """
    key: str = request.META.get("HTTP_IDEMPOTENCY_KEY", "").strip()
    if not key:
        raise ProblemError(400, "idempotency_key_missing", "send an `Idempotency-Key` header")
    if len(key) > MAX_KEY_LENGTH or not _KEY.fullmatch(key):
        detail = f"an idempotency key is 1 to {MAX_KEY_LENGTH} visible ASCII characters"
        raise ProblemError(400, "idempotency_key_invalid", detail)
    return key


def read_wait_seconds(request: Request | HttpRequest) -> int:
    """How long the caller would wait for an outcome, at most 30 s; preferences that we do not know are ignored.

    Source: RFC 7240 §2, §4.3.
    """
    found = _WAIT.search(request.META.get("HTTP_PREFER", "")[:500])
    return min(int(found[1]), MAX_WAIT_SECONDS) if found else 0
