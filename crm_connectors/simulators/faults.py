"""What a simulator is told to do wrong: planned for the next matching requests, or asked for by a request's header.

A header `X-Simulate: latency=0.2; fault=drop_after` holds for its own request. A plan holds for the next `times`
requests that match, and is what tests of a connector use, whose requests they do not write.
"""

import threading
from dataclasses import dataclass, replace
from enum import StrEnum

from werkzeug.wrappers import Request

MAX_SECONDS = 60.0
MAX_PLANS = 1000


class Fault(StrEnum):
    """`*_after` happens when the write was applied, the others instead of it."""

    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    GATEWAY_BEFORE = "gateway_before"
    LIMITED = "limited"
    LIMITED_BRIEFLY = "limited_briefly"
    LOCKED = "locked"
    SESSION_ENDED = "session_ended"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbance:
    """What happens to one request. `latency` passes before it is read, `body_seconds` while its answer is written."""

    fault: Fault | None = None
    latency: float = 0.0
    body_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    method: str
    path_part: str
    times: int
    disturbance: Disturbance


class Faults:
    """The plans of one simulator. Safe for many threads."""

    def __init__(self) -> None:
        self._plans: list[_Plan] = []
        self._lock = threading.Lock()

    def plan(
        self,
        fault: Fault | None = None,
        *,
        method: str = "",
        path_part: str = "",
        times: int = 1,
        latency: float = 0.0,
        body_seconds: float = 0.0,
    ) -> None:
        """Disturb the next `times` requests of this method whose path holds this part (empty: any).

        Raises ValueError when too much is planned or a wait is too long."""
        if len(self._plans) >= MAX_PLANS or not 0 <= latency <= MAX_SECONDS or not 0 <= body_seconds <= MAX_SECONDS:
            raise ValueError("too many plans, or a wait out of bounds")
        disturbance = Disturbance(fault=fault, latency=latency, body_seconds=body_seconds)
        with self._lock:
            self._plans.append(_Plan(method=method, path_part=path_part, times=times, disturbance=disturbance))

    def clear(self) -> None:
        """Forget every plan."""
        with self._lock:
            self._plans.clear()

    def take(self, request: Request) -> Disturbance:
        """What this request meets: its own header's wish, else the first plan that matches, which is used up by one.

        Raises ValueError for a header that cannot be read."""
        if wish := request.headers.get("X-Simulate"):
            return parse_wish(wish)
        with self._lock:
            for index, plan in enumerate(self._plans):
                if plan.method in {"", request.method} and plan.path_part in request.path:
                    self._plans[index : index + 1] = [replace(plan, times=plan.times - 1)] if plan.times > 1 else []
                    return plan.disturbance
        return Disturbance()


def parse_wish(text: str) -> Disturbance:
    """`fault=drop_after; latency=0.2; body_seconds=1`. Raises ValueError."""
    wishes = dict(part.strip().split("=", 1) for part in text.split(";") if part.strip())
    if unknown := wishes.keys() - {"fault", "latency", "body_seconds"}:
        raise ValueError(f"cannot simulate {', '.join(sorted(unknown))}")
    return Disturbance(
        fault=Fault(wishes["fault"]) if "fault" in wishes else None,
        latency=min(float(wishes.get("latency", 0)), MAX_SECONDS),
        body_seconds=min(float(wishes.get("body_seconds", 0)), MAX_SECONDS),
    )
