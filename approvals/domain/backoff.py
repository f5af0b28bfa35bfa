"""When to try again: exponential, with jitter that spreads what failed together."""

from datetime import timedelta

MAX_ATTEMPTS = 3
"""Claims of one request; then it is quarantined (failed, for a person)."""

SWITCH_PAUSE = timedelta(seconds=2)
"""How soon a request that a kill switch holds is looked at again."""

BREAKER_PAUSE = timedelta(seconds=30)
"""How soon, at the latest, a request that an open circuit breaker holds is looked at again."""

BULK_PAUSE = timedelta(seconds=30)
"""How soon a revert whose bulk revert is paused is looked at again; resuming makes it due at once."""

AUTH_PAUSE = timedelta(minutes=5)
"""How soon when our own credential at the CRM is refused."""

BROKEN_PAUSE = timedelta(seconds=30)
"""How soon a request that broke its worker is looked at again."""

_FIRST_SECONDS = 2.0
_MAX_SECONDS = 900.0


def backoff(tries: int, *, jitter: float, at_least_seconds: float = 0.0) -> timedelta:
    """The pause after the `tries`-th failure (1, 2, …). `jitter` is a number from 0 to 1, `at_least_seconds` what the
    CRM itself asked for.
    """
    seconds = min(_FIRST_SECONDS * 2 ** max(tries - 1, 0), _MAX_SECONDS)
    return timedelta(seconds=max(seconds * (0.5 + jitter / 2), at_least_seconds))
