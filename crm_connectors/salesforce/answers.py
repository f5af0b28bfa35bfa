"""What an answer of Salesforce means: a typed error, or that it is to be used.

Decided by HTTP status and error code, never by a message's wording; messages repeat values and are not passed on.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from crm_connectors.adapters.http_client import Answer
from crm_connectors.port import (
    AmbiguousError,
    AuthError,
    ConflictError,
    ConnectorError,
    LimitedError,
    NotFoundError,
    RejectedError,
    TransientError,
)

DAILY_WAIT_SECONDS = 900.0
BRIEF_WAIT_SECONDS = 5.0
LOCK_WAIT_SECONDS = 2.0
_GONE = frozenset({"NOT_FOUND", "ENTITY_IS_DELETED", "MALFORMED_ID", "INVALID_TYPE"})
_LOCKED = "UNABLE_TO_LOCK_ROW"
_BY_STATUS: dict[int, tuple[Callable[[str], ConnectorError], str]] = {
    401: (AuthError, "the CRM refused our session"),
    404: (NotFoundError, "there is no such record or object"),
    412: (ConflictError, "the record was changed since"),
    414: (RejectedError, "the request is too long for the CRM"),
    431: (RejectedError, "the request is too long for the CRM"),
}
_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,79}")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
_QUOTED = re.compile(r"'([A-Za-z][A-Za-z0-9_]{0,79})'")
_RULE = re.compile(r"[A-Za-z0-9_ .-]{1,80}")


class DuplicateValueError(RejectedError):
    """Another record holds this value of a unique field; with our key among the values, it may be ours."""


class MovedError(TransientError):
    """The org lives on another host by now: the session is none for it. No redirect is followed."""


class MovedWriteError(AmbiguousError):
    """As MovedError, in answer to a write: whatever sent it there may have taken the write along."""


class Fault(msgspec.Struct, frozen=True):
    """One error of an answer: its code, the fields it names, and what of its message decides something."""

    code: str
    fields: tuple[str, ...] = ()
    is_lock: bool = False
    is_brief: bool = False
    rule: str = ""


def raise_for(answer: Answer, *, is_write: bool) -> None:
    """For every call but the one that may find its session ended. Raises what the answer means."""
    if answer.status < 300 or answer.status == 304:
        return
    if answer.status == 300 and _is_choice(answer):
        raise RejectedError("several records carry this key")
    raise error_of(answer.status, read_faults(answer), is_write=is_write)


def raise_unless_ended(answer: Answer, *, is_write: bool) -> None:
    """As `raise_for`, but a refused session is left to the caller, who may renew it: nothing was applied."""
    if answer.status != 401:
        raise_for(answer, is_write=is_write)


def _is_choice(answer: Answer) -> bool:
    """Whether an external id was asked for that several records hold: their addresses are the answer."""
    try:
        body = answer.json()
    except msgspec.DecodeError:
        return False
    return isinstance(body, list) and bool(body) and all(isinstance(item, str) for item in body)


def read_faults(answer: Answer) -> tuple[Fault, ...]:
    """The errors in a body; none in one that is not Salesforce's own."""
    try:
        body = answer.json()
    except msgspec.DecodeError:
        return ()
    return (
        tuple(make_fault(item, code_key="errorCode") for item in body if isinstance(item, dict))
        if (isinstance(body, list))
        else ()
    )


def make_fault(item: dict[str, Any], *, code_key: str) -> Fault:
    """One error; its code is called `errorCode` in single answers and `statusCode` in collections."""
    code, message = str(item.get(code_key, "")), str(item.get("message", ""))
    named = [str(name) for name in item.get("fields") or ()]
    if not named and code == "INVALID_FIELD":
        named = _QUOTED.findall(message)[:1]
    found = item.get("duplicateResult")
    rule = str(found.get("duplicateRule", "")) if isinstance(found, dict) else ""
    return Fault(
        code=code if _CODE.fullmatch(code) else "UNKNOWN",
        fields=tuple(name for name in named if _FIELD.fullmatch(name)),
        is_lock=code == _LOCKED or (code == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" and _LOCKED in message),
        is_brief=message.startswith("ConcurrentRequests"),
        rule=rule if _RULE.fullmatch(rule) else "",
    )


def error_of(status: int, faults: Iterable[Fault], *, is_write: bool) -> ConnectorError:
    """The typed error of a status with these faults. `is_write`: an unknown outcome matters."""
    known = tuple(faults)
    fault = known[0] if known else Fault(code="UNKNOWN")
    if status < 400:
        words = f"the CRM answered {status}: it is elsewhere by now"
        return MovedWriteError(words) if is_write else MovedError(words)
    if status >= 500 or (status >= 400 and not known and status not in {401, 404, 412, 414, 420}):
        words = f"the CRM answered {status}"
        return AmbiguousError(words) if is_write else TransientError(words)
    return _by_status(status, fault) or _by_code(fault, known, is_write=is_write)


def _by_status(status: int, fault: Fault) -> ConnectorError | None:
    if status == 420:
        return TransientError("the CRM could not route the call", retry_after_seconds=LOCK_WAIT_SECONDS)
    if status == 403 and fault.code == "API_DISABLED_FOR_ORG":
        return AuthError("the CRM's API is switched off for us")
    if status not in _BY_STATUS:
        return None
    kind, words = _BY_STATUS[status]
    return kind(words)


def _by_code(fault: Fault, faults: tuple[Fault, ...], *, is_write: bool) -> ConnectorError:
    if fault.code == "REQUEST_LIMIT_EXCEEDED":
        wait = BRIEF_WAIT_SECONDS if fault.is_brief else DAILY_WAIT_SECONDS
        return LimitedError("the CRM's limit of requests is reached", retry_after_seconds=wait)
    if fault.is_lock:
        return TransientError("the CRM has the record locked", retry_after_seconds=LOCK_WAIT_SECONDS)
    is_about_record = fault.code in _GONE and not fault.fields
    if is_about_record or (fault.code == "INVALID_FIELD" and not is_write):
        return NotFoundError(f"{fault.code}: {', '.join(fault.fields) or 'no such record'}")
    if fault.code == "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE_CHECK":
        return ConflictError("the record was changed since")
    return _rejected(fault, faults)


def _rejected(fault: Fault, faults: tuple[Fault, ...]) -> RejectedError:
    errors = {name: item.code for item in faults for name in item.fields}
    where = f" on {', '.join(sorted(errors))}" if errors else ""
    rule = f" by the rule `{fault.rule}`" if fault.rule else ""
    kind = DuplicateValueError if fault.code == "DUPLICATE_VALUE" else RejectedError
    return kind(f"the CRM refused it: {fault.code}{where}{rule}", errors=errors)
