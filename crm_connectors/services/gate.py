"""The gate that every process's calls to one connection pass (F28, F40; DESIGN §5.4).

What all must know lies in one `ConnectionGate` row. It is read once a second at most by each process, and a good call
behind a closed breaker writes nothing: calls are counted in portions that a process takes for the present window.
So another process may let calls through for one second after a breaker opened; each of them counts again.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db.models import Case, F, Q, When

from audit.selectors.clock import get_now
from crm_connectors.domain.gate import calls_per_window, window_seconds
from crm_connectors.models import ConnectionGate
from crm_connectors.port import AmbiguousError, AuthError, ConnectorError, LimitedError, TransientError
from crm_connectors.services.gate_outcomes import note_failure, note_good

FRESH_SECONDS = 1.0
MAX_WAIT_SECONDS = 3.0
"""How long a call waits for its turn before it is put off: the row it came from waits better than a worker."""


@dataclass(slots=True)
class _Memory:
    """What this process knows of one connection's row. `clock` is the database's time less ours, in seconds."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    row: ConnectionGate | None = None
    read_at: float = 0.0
    clock: float = 0.0
    window: int = 0
    slots: int = 0

    def now(self) -> float:
        return time.monotonic() + self.clock


_memories: dict[UUID, _Memory] = {}


class ConnectionRowGate:
    """One connection's gate. See `crm_connectors.wiring.Gate`. Costs nothing to make."""

    def __init__(self, connection_id: UUID, *, calls_per_10_seconds: int, call_seconds: float) -> None:
        """`call_seconds`: the longest that a call takes; a call that tries a half-open breaker has told by then."""
        self._id = connection_id
        self._limit = calls_per_10_seconds
        self._call_seconds = call_seconds
        self._memory = _memories.setdefault(connection_id, _Memory())

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Raises LimitedError, AuthError before anything is sent; else lets the call run and learns from it."""
        row = self._look()
        self._ensure_open(row)
        self._take_turn()
        try:
            yield
        except (TransientError, AmbiguousError, AuthError) as error:
            note_failure(self._id, error)
            self._forget()
            raise
        except ConnectorError:
            self._note_good(row)
            raise
        self._note_good(row)

    def _look(self) -> ConnectionGate:
        memory, row = self._memory, self._memory.row
        if row is None or time.monotonic() - memory.read_at > FRESH_SECONDS:
            row, _ = ConnectionGate.objects.get_or_create(connection_id=self._id)
            memory.row, memory.read_at = row, time.monotonic()
            memory.clock = get_now().timestamp() - memory.read_at
        return row  # not the memory's: another thread may have forgotten it since

    def _forget(self) -> None:
        self._memory.row = None

    def _ensure_open(self, row: ConnectionGate) -> None:
        now = self._memory.now()
        if row.not_before is not None and row.not_before.timestamp() > now:
            raise LimitedError("the CRM asked us to wait", retry_after_seconds=row.not_before.timestamp() - now)
        if row.state == "closed":
            return
        if row.opens_next_at is None:
            raise AuthError(f"calls are paused until a new secret is set or a person closes the breaker: {row.message}")
        wait = row.opens_next_at.timestamp() - now
        if wait > 0 or not self._claim_try(row):
            raise LimitedError("calls are paused: the CRM did not answer", retry_after_seconds=max(wait, 1.0))

    def _claim_try(self, row: ConnectionGate) -> bool:
        """Whether this call is the one that tries. The claim runs out by itself if its process dies."""
        until = get_now() + timedelta(seconds=self._call_seconds)
        same = ConnectionGate.objects.filter(pk=self._id, state=row.state, opens_next_at=row.opens_next_at)
        is_mine = bool(same.update(state="half_open", opens_next_at=until))
        self._forget()
        return is_mine

    def _take_turn(self) -> None:
        """Waits for a place in the present second or the next ones. Raises LimitedError when there is none soon."""
        if not self._limit:
            return
        give_up_at = time.monotonic() + MAX_WAIT_SECONDS
        while not self._take_slot():
            length = window_seconds(self._limit)
            wait = length - self._memory.now() % length
            if time.monotonic() + wait > give_up_at:
                raise LimitedError("our own limit of calls to this CRM is used up", retry_after_seconds=wait)
            time.sleep(wait)

    def _take_slot(self) -> bool:
        memory, window = self._memory, int(self._memory.now()) // window_seconds(self._limit)
        with memory.lock:
            if memory.window != window:
                memory.window, memory.slots = window, 0
            if not memory.slots:
                memory.slots = self._take_portion(window)
            if memory.slots:
                memory.slots -= 1
                return True
            return False

    def _take_portion(self, window: int) -> int:
        """Calls for this process alone, in this window alone: a quarter of all, one at least. One write."""
        full = calls_per_window(self._limit)
        for portion in dict.fromkeys((max(1, full // 4), 1)):
            free = Q(window__lt=window) | Q(window=window, window_slots__lte=full - portion)
            taken = Case(When(window=window, then=F("window_slots") + portion), default=portion)
            if ConnectionGate.objects.filter(free, pk=self._id).update(window=window, window_slots=taken):
                return portion
        return 0

    def _note_good(self, row: ConnectionGate) -> None:
        if row.state != "closed" or row.failures_count:
            note_good(self._id)
            self._forget()
