"""The barrier before every effect: a ledger that was set back in time records nothing worth having (AUD-06, F41)."""

import time
from dataclasses import dataclass

import structlog

from audit.services.anchor import AnchorError, check_anchor

_FRESH_SECONDS = 1.0
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Seen:
    """What this process saw last, and when; a claim must not read a file each time. `why` is empty when all is well."""

    at: float = float("-inf")
    why: str = ""


_seen = _Seen()


def is_set_back() -> bool:
    """Whether the database lacks what was anchored, or the anchor is gone or cannot be read: then no effect may begin.

    At most a second old. A restored backup is noticed by the first look of each process.
    """
    return bool(why_set_back())


def why_set_back() -> str:
    """The same in words, empty when effects may begin."""
    now = time.monotonic()
    if now - _seen.at >= _FRESH_SECONDS:
        _seen.why = _look()
        _seen.at = now
    return _seen.why


def forget_barrier() -> None:
    """Look anew at the next call."""
    _seen.at = float("-inf")


def _look() -> str:
    try:
        state = check_anchor()
    except AnchorError as error:
        log.exception("ledger.anchor_unreadable")
        return str(error)
    if state.is_behind:
        log.error("ledger.set_back", words=state.words)
    return state.words
