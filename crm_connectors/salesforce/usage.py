"""How many of the org's daily calls are used, as its answers tell, and when we stop so that others can go on.

The allowance is the whole org's: its own integrations fail when we take the last of it.
"""

import re
import threading
import time

from crm_connectors.port import LimitedError

HOLD_SECONDS = 900.0
"""What an answer told holds so long; then one call asks again, by being made."""
MAX_KEPT = 200
_USAGE = re.compile(r"(?<![\w-])api-usage=(\d+)/(\d+)")


class Usage:
    """What this process was told, by session. Safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: dict[str, tuple[float, int, int]] = {}

    def note(self, session: str, header: str | None) -> None:
        """From `Sforce-Limit-Info`, whatever else stands in it."""
        found = _USAGE.search(header or "")
        if found is None:
            return
        with self._lock:
            while len(self._told) >= MAX_KEPT and session not in self._told:
                del self._told[next(iter(self._told))]
            self._told[session] = (time.monotonic(), int(found[1]), int(found[2]))

    def require(self, session: str, spare_percent: int) -> None:
        """Raises LimitedError when no more than the spare calls are left; nothing is sent."""
        with self._lock:
            at, used, total = self._told.get(session, (0.0, 0, 0))
        wait = at + HOLD_SECONDS - time.monotonic()
        if total and wait > 0 and used * 100 >= total * (100 - spare_percent):
            raise LimitedError("the rest of today's calls is left to others", retry_after_seconds=wait)


usage = Usage()
