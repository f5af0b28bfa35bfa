"""The barrier before every effect: a ledger that was set back in time records nothing worth having (AUD-06, F41)."""

import time
from dataclasses import dataclass

import structlog

from audit.services.anchor import AnchorError, check_anchor

_FRESH_SECONDS = 1.0
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Seen:
    """What this process saw last, and when; a claim must not read a file each time."""

    at: float = float("-inf")
    is_set_back: bool = False


_seen = _Seen()


def is_set_back() -> bool:
    """Whether the database lacks what was anchored, or the anchor is gone or cannot be read: then no effect may begin.

    At most a second old. A restored backup is noticed by the first look of each process.
    """
    now = time.monotonic()
    if now - _seen.at >= _FRESH_SECONDS:
        _seen.is_set_back = _look()
        _seen.at = now
    return _seen.is_set_back


def forget_barrier() -> None:
    """Look anew at the next call."""
    _seen.at = float("-inf")


def _look() -> bool:
    try:
        state = check_anchor()
    except AnchorError:
        log.exception("ledger.anchor_unreadable")
        return True
    if state.is_behind:
        log.error("ledger.set_back", words=state.words)
    return state.is_behind
