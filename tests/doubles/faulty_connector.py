"""A connector that misbehaves on order: wraps any other and injects one fault per call, then behaves again.

For tests and drills. Register it beside the real kinds:

    faulty = FaultySwitchboard()
    serve_through(monkeypatch, faulty.wrap)
    faulty.plan("send", Fault.TIMEOUT_AFTER_APPLY)

Every call that reached the wrapped connector is in `calls`, so that a test can count what was really done.
"""

import dataclasses
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

import msgspec
import pytest

from crm_connectors.domain.guarantee import Guarantee
from crm_connectors.domain.record import HistoryEntry, JsonValue, Operation, Page, Receipt, Record
from crm_connectors.port import AloneError, AmbiguousError, AuthError, Connector, LimitedError, TransientError
from crm_connectors.services.connectors import CONNECTOR_KINDS
from governance.domain.schema import Schema

Answer = TypeVar("Answer")


def serve_through(
    monkeypatch: pytest.MonkeyPatch, wrap: Callable[[Connector], Connector], *, kind: str = "embedded"
) -> None:
    """From now on connections of this kind are served by what `wrap` makes of their real connectors."""
    real = CONNECTOR_KINDS[kind]
    double = dataclasses.replace(real, make=lambda wiring: wrap(real.make(wiring)))
    monkeypatch.setitem(CONNECTOR_KINDS, kind, double)


class Fault(StrEnum):
    """What goes wrong with one call."""

    TRANSIENT = "transient"
    """TransientError before anything is sent."""
    LIMITED = "limited"
    """LimitedError before anything is sent; `retry_after_seconds` from the plan."""
    ALONE = "alone"
    """AloneError before anything is sent."""
    AUTH = "auth"
    """AuthError before anything is sent."""
    TIMEOUT_AFTER_APPLY = "timeout_after_apply"
    """The call is made, then AmbiguousError: applied, but nobody said so."""
    TIMEOUT_WITHOUT_APPLY = "timeout_without_apply"
    """AmbiguousError although nothing was sent."""
    CRASH_AFTER_APPLY = "crash_after_apply"
    """The call is made, then the process dies (SimulatedCrash, which no `except Exception` catches)."""
    CRASH_BEFORE_APPLY = "crash_before_apply"
    """The process dies before the call."""
    NORMALISE = "normalise"
    """Texts are trimmed and upper-cased on their way in; the CRM answers success."""
    IGNORE_FIELD = "ignore_field"
    """The first changed field is silently dropped; the CRM answers success."""
    SLOW = "slow"
    """The call takes `seconds`, then succeeds."""


class SimulatedCrash(BaseException):
    """The worker died here."""


@dataclass(frozen=True, slots=True)
class _Planned:
    fault: Fault
    seconds: float
    retry_after_seconds: float | None


@dataclass
class FaultySwitchboard:
    """Holds the plan and the record of calls for every connector it wraps, however often one is made."""

    calls: list[tuple[str, Any]] = field(default_factory=list)
    _plans: defaultdict[str, deque[_Planned]] = field(default_factory=lambda: defaultdict(deque))

    def plan(
        self,
        method: str,
        *faults: Fault,
        seconds: float = 0.05,
        retry_after_seconds: float | None = 30.0,
    ) -> None:
        """The next calls of `method` (`send`, `read`, `find_operation` …) go wrong like this, in order."""
        for fault in faults:
            self._plans[method].append(_Planned(fault, seconds, retry_after_seconds))

    def wrap(self, connector: Connector) -> "FaultyConnector":
        """The connector, with this switchboard in front of it."""
        return FaultyConnector(connector, self)

    def count(self, method: str) -> int:
        """How many calls of `method` reached the wrapped connector."""
        return sum(1 for name, _ in self.calls if name == method)

    def next_fault(self, method: str) -> _Planned | None:
        plan = self._plans[method]
        return plan.popleft() if plan else None


class FaultyConnector:
    """Fulfils the port like the connector it wraps, apart from what was planned."""

    def __init__(self, inner: Connector, switchboard: FaultySwitchboard) -> None:
        self._inner = inner
        self._board = switchboard
        self.is_local = inner.is_local

    def describe(self) -> Schema:
        return self._call("describe", None, self._inner.describe)

    def read(self, *, object_type: str, record_id: str, fields: Sequence[str]) -> Record:
        return self._call(
            "read",
            record_id,
            lambda: self._inner.read(object_type=object_type, record_id=record_id, fields=fields),
        )

    def read_many(self, *, object_type: str, record_ids: Sequence[str], fields: Sequence[str]) -> dict[str, Record]:
        return self._call(
            "read_many",
            tuple(record_ids),
            lambda: self._inner.read_many(object_type=object_type, record_ids=record_ids, fields=fields),
        )

    def search(
        self, *, object_type: str, filters: dict[str, JsonValue], fields: Sequence[str], limit: int, after: str
    ) -> Page:
        return self._call(
            "search",
            filters,
            lambda: self._inner.search(
                object_type=object_type, filters=filters, fields=fields, limit=limit, after=after
            ),
        )

    def send(self, operation: Operation) -> Receipt:
        planned = self._board.next_fault("send")
        sent = _distort(operation, planned.fault) if planned else operation
        return self._run("send", sent, lambda: self._inner.send(sent), planned)

    def find_operation(self, operation: Operation) -> Receipt | None:
        return self._call("find_operation", operation, lambda: self._inner.find_operation(operation))

    def history(self, *, object_type: str, record_id: str, fields: Sequence[str]) -> tuple[HistoryEntry, ...]:
        return self._call(
            "history",
            record_id,
            lambda: self._inner.history(object_type=object_type, record_id=record_id, fields=fields),
        )

    def last_changes(
        self, *, object_type: str, record_ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, tuple[HistoryEntry, ...]]:
        return self._call(
            "last_changes",
            tuple(record_ids),
            lambda: self._inner.last_changes(object_type=object_type, record_ids=record_ids, fields=fields),
        )

    def guarantee(self, operation: Operation) -> Guarantee:
        return self._call("guarantee", operation, lambda: self._inner.guarantee(operation))

    def health(self) -> None:
        self._call("health", None, self._inner.health)

    def _call(self, method: str, about: object, make: Callable[[], Answer]) -> Answer:
        return self._run(method, about, make, self._board.next_fault(method))

    def _run(self, method: str, about: object, make: Callable[[], Answer], planned: _Planned | None) -> Answer:
        if planned is not None:
            _fail_before(planned)
        self._board.calls.append((method, about))
        answer = make()
        if planned is not None:
            _fail_after(planned)
        return answer


def _fail_before(planned: _Planned) -> None:
    match planned.fault:
        case Fault.TRANSIENT:
            raise TransientError("the connection could not be opened")
        case Fault.LIMITED:
            raise LimitedError("too many calls", retry_after_seconds=planned.retry_after_seconds)
        case Fault.ALONE:
            raise AloneError("the CRM takes this one by itself")
        case Fault.AUTH:
            raise AuthError("the token has expired")
        case Fault.TIMEOUT_WITHOUT_APPLY:
            raise AmbiguousError("no answer in time")
        case Fault.CRASH_BEFORE_APPLY:
            raise SimulatedCrash
        case Fault.SLOW:
            time.sleep(planned.seconds)
        case _:
            return


def _fail_after(planned: _Planned) -> None:
    match planned.fault:
        case Fault.TIMEOUT_AFTER_APPLY:
            raise AmbiguousError("no answer in time")
        case Fault.CRASH_AFTER_APPLY:
            raise SimulatedCrash
        case _:
            return


def _distort(operation: Operation, fault: Fault) -> Operation:
    """What the CRM makes of the values before it says that all is well."""
    match fault:
        case Fault.NORMALISE:
            values = {
                name: value.strip().upper() if isinstance(value, str) else value
                for name, value in operation.values.items()
            }
        case Fault.IGNORE_FIELD:
            values = dict(list(operation.values.items())[1:])
        case _:
            return operation
    return msgspec.structs.replace(operation, values=values)
