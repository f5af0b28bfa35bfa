"""What may go wrong with a call, on order: by header, by scenario, or standing for the whole portal.

A text like `latency=200; drop_after` names faults in order:

    latency=MS            wait before anything else
    limit=POLICY          429 before anything happens (TEN_SECONDLY_ROLLING, SECONDLY, DAILY)
    status=CODE           answer with this status, nothing applied (HTML for 5xx)
    refuse=CODE           refuse with this status in HubSpot's own words, nothing applied
    drop_before           close the connection, nothing applied
    drop_after       apply, then close the connection without an answer
    status_after=CODE  apply, then answer with this status in HTML, as an edge that waited too long does
    slow_body=MS          apply, and take this long to send the answer's body
    normalise             apply, but texts are stored in capitals and numbers rounded to tens; the answer is 200
    ignore=PROPERTY       leave this property as it is; the answer is 200
    omit                  leave the last input of a batch out, silently
"""

from collections import deque
from dataclasses import dataclass

KINDS = frozenset(
    {
        "latency",
        "limit",
        "status",
        "refuse",
        "drop_before",
        "drop_after",
        "status_after",
        "slow_body",
        "normalise",
        "ignore",
        "omit",
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    kind: str
    amount: str = ""


@dataclass(slots=True, kw_only=True)
class PlannedFault:
    """Faults for the next `times` calls that the method and the beginning of the path fit."""

    method: str
    path: str
    faults: tuple[Fault, ...]
    times: int = 1


def read_faults(text: str) -> tuple[Fault, ...]:
    """The faults that a text names. Raises ValueError for an unknown one."""
    faults = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        kind, _, amount = part.partition("=")
        if kind not in KINDS:
            msg = f"`{kind}` is no fault of this simulator"
            raise ValueError(msg)
        faults.append(Fault(kind, amount))
    return tuple(faults)


class FaultPlan:
    """What is still to go wrong, in order of planning."""

    def __init__(self) -> None:
        self._planned: deque[PlannedFault] = deque(maxlen=1000)

    def plan(self, text: str, *, method: str = "", path: str = "", times: int = 1) -> None:
        """Raises ValueError for an unknown fault."""
        self._planned.append(PlannedFault(method=method, path=path, faults=read_faults(text), times=times))

    def take(self, method: str, path: str) -> tuple[Fault, ...]:
        """The faults of the first plan that fits, counted down."""
        for planned in self._planned:
            if planned.method in ("", method) and path.startswith(planned.path):
                planned.times -= 1
                if planned.times <= 0:
                    self._planned.remove(planned)
                return planned.faults
        return ()

    def clear(self) -> None:
        self._planned.clear()
