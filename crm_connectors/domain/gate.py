"""The gate's arithmetic: how calls are spread, when a breaker opens, how long it stays open (F28, F40)."""

MAX_FAILURES = 5
"""So many calls in a row that the CRM did not serve open the breaker."""

_FIRST_PAUSE_SECONDS = 15.0
_MAX_PAUSE_SECONDS = 600.0


def pause_seconds(pauses: int) -> float:
    """How long an open breaker lets nothing through, after `pauses` (0, 1, …) that did not help."""
    return min(_FIRST_PAUSE_SECONDS * 2.0 ** min(pauses, 16), _MAX_PAUSE_SECONDS)


def window_seconds(calls_per_10_seconds: int) -> int:
    """The length of the windows in which calls are counted: one second, ten where that would allow less than one."""
    return 1 if calls_per_10_seconds >= 11 else 10


def calls_per_window(calls_per_10_seconds: int) -> int:
    """How many calls fit in one window, so that no ten seconds that begin anywhere see more than were allowed: they
    touch eleven windows of a second, or two of ten. At least 1, so that a limit of 1 counts as 2."""
    touched = 10 // window_seconds(calls_per_10_seconds) + 1
    return max(1, calls_per_10_seconds // touched)
