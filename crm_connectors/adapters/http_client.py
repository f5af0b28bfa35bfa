"""How connectors speak HTTP: once per call, bounded, and with errors that say what is known (SEC-01, EXE).

No call is repeated and no redirect followed here: a repeat is a decision, and decisions have a row. What a status code
means is the business of the vendor's folder, which hands in `raise_for`.
"""

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlencode

import msgspec
import structlog
from urllib3 import HTTPHeaderDict

from crm_connectors.adapters.address_guard import AddressRefusedError, ensure_address
from crm_connectors.adapters.guarded_wire import BROKEN, Limits, Wire, WireAnswer
from crm_connectors.adapters.wire_pool import get_pool
from crm_connectors.port import AmbiguousError, TransientError
from crm_connectors.wiring import Gate

CORRELATION_HEADER = "X-Correlation-Id"


class Answer(msgspec.Struct, frozen=True):
    """What came back. `headers` knows names in any case. The body is not in its representation: it holds records."""

    status: int
    headers: HTTPHeaderDict
    body: bytes

    def json(self) -> Any:
        """The body as JSON, None when it is empty. Raises msgspec.DecodeError; a vendor turns it into what it means."""
        try:
            return msgspec.json.decode(self.body) if self.body else None
        except UnicodeDecodeError as error:
            raise msgspec.DecodeError("the body is not in UTF-8") from error

    def __repr__(self) -> str:
        return f"Answer({self.status}, {len(self.body)} bytes)"


class RaiseFor(Protocol):
    """Raises the typed error that an answer means at this vendor; returns for one that is to be used.

    AuthError only where the credential itself is refused: it pauses the whole connection. What this credential may not
    do with one object is a RejectedError."""

    def __call__(self, answer: Answer, *, is_write: bool) -> None: ...


def accept_all(answer: Answer, *, is_write: bool) -> None:
    """For who looks at the status alone."""


class HttpClient:
    """Calls to one base address. Costs nothing to make: connections are kept by the process, not by the client.

    Every call passes the connection's `gate` first, which may hold it back, and tells it what came of it. Nothing of
    headers and bodies is ever logged, nor repeated in an error.
    """

    def __init__(
        self,
        *,
        base_url: str,
        gate: Gate,
        raise_for: RaiseFor = accept_all,
        headers: Mapping[str, str] | None = None,
        connect_seconds: float = 5.0,
        read_seconds: float = 30.0,
        total_seconds: float = 60.0,
        answer_bytes: int = 32 * 1024 * 1024,
    ) -> None:
        """`headers` go with every call. Raises TransientError for an address that we do not connect to."""
        try:
            self._origin = ensure_address(base_url)
        except AddressRefusedError as error:
            raise TransientError(f"the address of the CRM: {error}") from error
        self._gate = gate
        self._raise_for = raise_for
        self._headers = dict(headers or {})
        self._limits = Limits(connect_seconds, read_seconds, total_seconds, answer_bytes)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        is_write: bool = False,
    ) -> Answer:
        """One request, sent at most once. `path` is joined to the base address; its segments are quoted by the caller.

        `is_write`: whether the CRM may change by it (a search by POST is none). Raises what the gate holds back with
        (LimitedError, AuthError) before anything is sent; TransientError when provably nothing was sent, and for every
        broken call that is no write; AmbiguousError when a write may have been sent and no whole answer came; and what
        `raise_for` makes of the answer.
        """
        body, content_type = _body(json, form)
        sent = {**self._headers, **_correlation(), **content_type, **(headers or {})}
        target = self._origin.path.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
        with self._gate.passing():
            found = self._exchange(method, target, body, sent, is_write=is_write)
            answer = Answer(found.status, found.headers, found.body)
            self._raise_for(answer, is_write=is_write)
        return answer

    def _exchange(
        self, method: str, target: str, body: bytes | None, headers: Mapping[str, str], *, is_write: bool
    ) -> WireAnswer:
        pool = get_pool()
        wire = pool.take(self._origin, self._limits)
        try:
            found = wire.exchange(method, target, body=body, headers=headers, has_answer_body=method != "HEAD")
        except BROKEN as error:
            wire.close()
            raise _broken(wire, error, is_write=is_write) from error
        except BaseException:
            wire.close()
            raise
        pool.give_back(self._origin, wire)
        return found


def _broken(wire: Wire, error: Exception, *, is_write: bool) -> TransientError | AmbiguousError:
    told = str(error) if isinstance(error, AddressRefusedError) else type(error).__name__
    if not wire.has_sent:
        return TransientError(f"the CRM could not be reached: {told}")
    if is_write:
        return AmbiguousError(f"the write was sent, and no whole answer came: {told}")
    return TransientError(f"no whole answer from the CRM: {told}")


def _body(json: Any, form: Mapping[str, str] | None) -> tuple[bytes | None, dict[str, str]]:
    if form is not None:
        return urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    if json is not None:
        return msgspec.json.encode(json), {"Content-Type": "application/json"}
    return None, {}


def _correlation() -> dict[str, str]:
    """The correlation id bound to this thread's log lines, so that the CRM's own logs can be laid beside ours."""
    bound = structlog.contextvars.get_contextvars().get("correlation_id")
    return {CORRELATION_HEADER: str(bound)} if bound else {}
