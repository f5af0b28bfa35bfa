"""Reading a body: size, then content type, then strict JSON; nothing else has looked at it before."""

from collections.abc import Mapping

from django.core.exceptions import RequestDataTooBig
from django.http.request import UnreadablePostError
from rest_framework.request import Request

from approvals.api.problem import ProblemError
from approvals.domain.envelope import JsonValue
from approvals.domain.proposal_parsing import parse_object


def read_object(request: Request, *, limit: int, is_optional: bool = False) -> dict[str, JsonValue]:
    """The members of the JSON object in the body, at most `limit` bytes. An optional body may be empty.

    Raises ProblemError (400, 411, 413, 415), MalformedJsonError, UnacceptableJsonError.
    """
    http = request._request  # noqa: SLF001  # the bytes, before any parser of the framework, and their headers
    length = _length(http.META, limit=limit)
    if is_optional and length == 0:
        return {}
    _check_type(http.META)
    try:
        data = http.body
    except (UnreadablePostError, RequestDataTooBig) as error:
        raise ProblemError(400, "malformed_json", "the body broke off") from error
    if len(data) < length:
        raise ProblemError(400, "malformed_json", "the body is shorter than its content-length")
    return parse_object(data)


def _length(meta: Mapping[str, str], *, limit: int) -> int:
    if "HTTP_TRANSFER_ENCODING" in meta:  # WSGI hands on no body without a length
        raise ProblemError(411, "length_required", "send a content-length")
    text = meta.get("CONTENT_LENGTH") or "0"
    length = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else limit + 1
    if length > limit:
        raise ProblemError(413, "body_too_large", f"a body holds at most {limit} bytes")
    return length


def _check_type(meta: Mapping[str, str]) -> None:
    if meta.get("HTTP_CONTENT_ENCODING", "identity") != "identity":
        raise ProblemError(415, "unsupported_media_type", "send the body without content-encoding")
    kind, _, parameters = meta.get("CONTENT_TYPE", "").partition(";")
    charset = parameters.partition("charset=")[2].strip(' "') or "utf-8"
    if kind.strip().lower() != "application/json" or charset.lower() not in ("utf-8", "utf8"):
        raise ProblemError(415, "unsupported_media_type", "send `application/json` in utf-8")
