"""The portal's clock: milliseconds that never repeat, and may be moved on by tests and drills."""

import time
from datetime import UTC, datetime


class Clock:
    """Wall time plus what it was moved on by. No two moments are equal, so that every change has a stamp of its own."""

    def __init__(self) -> None:
        self._ahead_ms = 0
        self._last = 0

    def now(self) -> int:
        """Milliseconds since 1970."""
        return time.time_ns() // 1_000_000 + self._ahead_ms

    def stamp(self) -> int:
        """A moment later than every one given before."""
        self._last = max(self.now(), self._last + 1)
        return self._last

    def advance(self, seconds: float) -> None:
        """Let time pass: tokens expire, windows open, the index catches up."""
        self._ahead_ms += int(seconds * 1000)


def iso(ms: int) -> str:
    """As HubSpot writes its own stamps: UTC, three digits of milliseconds."""
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def iso_value(ms: int) -> str:
    """As HubSpot writes the value of a datetime property: no milliseconds when there are none."""
    return iso(ms).replace(".000Z", "Z")
