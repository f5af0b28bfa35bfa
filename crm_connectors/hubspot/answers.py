"""What HubSpot's answers mean. Messages never repeat a value: HubSpot's own do, so ours are made from its codes."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from crm_connectors.adapters.http_client import Answer
from crm_connectors.port import (
    AmbiguousError,
    AuthError,
    ConnectorError,
    LimitedError,
    NotFoundError,
    RejectedError,
    TransientError,
)

_WORDS = {
    "PROPERTY_DOESNT_EXIST": "is no property of this object",
    "INVALID_OPTION": "takes one of its options",
    "INVALID_INTEGER": "takes a number",
    "INVALID_DATE": "takes a date",
    "INVALID_EMAIL": "takes one email address",
    "READ_ONLY_VALUE": "is read-only",
    "CONFLICTING_UNIQUE_VALUE": "has this value on another record",
    "MISSING_REQUIRED_PROPERTY": "is required",
    "MISSING_CONDITIONAL_REQUIRED_PROPERTY": "is required by a rule of the portal",
}
_CODE = re.compile(r"[A-Z][A-Z_]{1,60}")
_NAME = re.compile(r"[a-z0-9_]{1,100}")
_OLD_STYLE = "Property values were not valid: "
_PAUSES = {"TEN_SECONDLY_ROLLING": 10.0, "SECONDLY": 1.0, "DAILY": 3600.0}
_GAVE_UP = frozenset({408, 425, 499})
"""An edge waited too long, or would not wait: it may have passed the call on."""
_PLAIN = frozenset({401, 404, 429, 477})
"""Refused before anything was looked at, whoever says so and in whatever words."""


class TokenOverError(Exception):
    """The access token is known no more; nothing was applied. No ConnectorError: a fresh token may mend it."""


def raise_unless_over(answer: Answer, *, is_write: bool) -> None:
    """As `raise_for`, for a token that can be had anew: raises TokenOverError for 401, whatever its reason."""
    if answer.status == 401:
        raise TokenOverError
    raise_for(answer, is_write=is_write)


class RecordGoneError(NotFoundError):
    """HubSpot itself says that there is no such record: not an edge, and not of a path that it does not serve."""


def raise_for(answer: Answer, *, is_write: bool) -> None:
    """Raise what an answer means; a 2xx is used. See `crm_connectors.adapters.http_client.RaiseFor`."""
    if 200 <= answer.status < 300:
        return
    body = read_body(answer)
    if not 400 <= answer.status < 500 or answer.status in _GAVE_UP:
        raise _unknown(answer.status, is_write=is_write)
    if is_write and answer.status not in _PLAIN and not _is_of_hubspot(body):
        raise _unknown(answer.status, is_write=True)
    raise _refusal(answer, body)


def _is_of_hubspot(body: Mapping[str, Any]) -> bool:
    """Whether an error's body is the API's own: HubSpot says that any member may be absent, so one that is its own is
    enough. An edge before it answers HTML, nothing, or JSON of another shape."""
    named = (body.get("category"), body.get("correlationId"))
    return body.get("status") == "error" or any(isinstance(member, str) and member for member in named)


def _refusal(answer: Answer, body: Mapping[str, Any]) -> Exception:
    """4xx of the API's own: nothing was applied."""
    error: Exception
    match answer.status:
        case 401 if body.get("category") == "EXPIRED_AUTHENTICATION":
            error = AuthError("the token of this connection has expired")
        case 401:
            error = AuthError("HubSpot does not know the token of this connection")
        case 403:
            error = RejectedError(f"HubSpot does not allow this to our app{_scopes(body)}")
        case 404 if body.get("category") == "OBJECT_NOT_FOUND":
            error = RecordGoneError("HubSpot has no such record")
        case 404:
            error = NotFoundError("HubSpot has no such record")
        case 409:
            error = RejectedError("HubSpot has such a record already", errors=_clash_of_contacts(body))
        case 423:
            error = TransientError("HubSpot has locked this record for a bulk change", retry_after_seconds=2)
        case 429:
            error = LimitedError("HubSpot's limit is reached", retry_after_seconds=_pause(answer, body))
        case 477:
            error = TransientError("HubSpot is moving this portal", retry_after_seconds=_retry_after(answer) or 60)
        case _:
            error = rejection(body)
    return error


def _unknown(status: int, *, is_write: bool) -> ConnectorError:
    """5xx, and what the API itself does not answer: an edge that gave up waiting may have passed the call on."""
    message = f"HubSpot answered {status}"
    return AmbiguousError(message) if is_write else TransientError(message)


def read_body(answer: Answer) -> dict[str, Any]:
    """An error's body, empty when it is HTML or nothing: edges answer so."""
    try:
        body = answer.json()
    except msgspec.DecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def read_result(answer: Answer, *, is_write: bool) -> dict[str, Any]:
    """The body of a 2xx. Raises AmbiguousError, or TransientError for a read, when it is no JSON object."""
    try:
        body = answer.json()
    except msgspec.DecodeError:
        body = None
    if not isinstance(body, dict):
        raise _unknown(answer.status, is_write=is_write)
    return body


def rejection(body: Mapping[str, Any]) -> RejectedError:
    """What is wrong, by property, from either style of error."""
    errors = {name: _WORDS.get(code, f"was refused ({code})") for name, code in codes_by_property(body).items()}
    if not errors:
        return RejectedError(f"HubSpot refuses this ({_code(body.get('category'))})")
    told = "; ".join(f"`{name}` {complaint}" for name, complaint in errors.items())
    return RejectedError(f"HubSpot refuses this: {told}", errors=errors)


def codes_by_property(body: Mapping[str, Any]) -> dict[str, str]:
    """HubSpot's code for each property it complains of."""
    return {name: _code(code) for name, code in (*_new_style(body), *_old_style(body)) if _NAME.fullmatch(name)}


def _new_style(body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for item in body.get("errors") or ():
        context = item.get("context") or {} if isinstance(item, dict) else {}
        yield from ((str(name), item.get("code")) for name in context.get("propertyName") or ())


def _old_style(body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """A JSON array hidden in the message."""
    _, _, hidden = str(body.get("message", "")).partition(_OLD_STYLE)
    try:
        items = msgspec.json.decode(hidden, type=list[dict[str, Any]]) if hidden else []
    except msgspec.DecodeError:
        items = []
    yield from ((str(item.get("name")), item.get("error")) for item in items)


def _code(code: Any) -> str:
    return code if isinstance(code, str) and _CODE.fullmatch(code) else "no reason given"


def _clash_of_contacts(body: Mapping[str, Any]) -> dict[str, str]:
    return {"email": "belongs to another contact"} if "Contact" in str(body.get("message")) else {}


def _scopes(body: Mapping[str, Any]) -> str:
    scopes = [
        str(scope)
        for item in body.get("errors") or ()
        if isinstance(item, dict)
        for scope in (item.get("context") or {}).get("requiredGranularScopes") or ()
    ]
    return f": it needs {', '.join(f'`{scope}`' for scope in scopes)}" if scopes else ""


def _pause(answer: Answer, body: Mapping[str, Any]) -> float:
    return _retry_after(answer) or _PAUSES.get(str(body.get("policyName")), 10.0)


def _retry_after(answer: Answer) -> float | None:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else None
