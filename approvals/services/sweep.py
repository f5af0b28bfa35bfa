"""Sweep: whatever the tables say is due. Makes a lost broker harmless (DESIGN §5)."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepCounts:
    """How many rows each duty touched. For `run_due` the last three were worked, for `sweep` nudged."""

    expired: int = 0
    reaped: int = 0
    decided: int = 0
    executed: int = 0
    reconciled: int = 0


def sweep(*, now: datetime, limit: int = 200) -> SweepCounts:
    """Expire what is late, mark what lost its worker `unknown`, nudge what is due. The scheduler calls it every few seconds."""
    raise NotImplementedError


def run_due(*, worker: str, limit: int = 50) -> SweepCounts:
    """Do inline what `sweep` would nudge: the loop of the embedded worker. Never called inside a transaction."""
    raise NotImplementedError
