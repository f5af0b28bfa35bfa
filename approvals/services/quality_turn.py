"""The regular turn of quality: what the clock asks for, each duty by itself."""

from collections.abc import Callable
from datetime import datetime

import structlog

from approvals.services.drift import judge_drift
from approvals.services.ledger_reviews import open_reviews
from approvals.services.overwrites import watch_overwrites
from approvals.services.sampling_periods import keep_periods
from crm_connectors.services.observing import observe_changes

log = structlog.get_logger(__name__)

_DUTIES: tuple[Callable[..., int], ...] = (
    keep_periods,
    observe_changes,
    judge_drift,
    watch_overwrites,
    open_reviews,
)


def keep_quality(*, now: datetime) -> int:
    """Do every duty once; returns how much was done, 0 when nothing was due. An error in one keeps no other waiting."""
    return sum(_guard(duty, now) for duty in _DUTIES)


def _guard(duty: Callable[..., int], now: datetime) -> int:
    try:
        return duty(now=now)
    except Exception:
        log.exception("a duty of quality failed", duty=duty.__name__)
        return 0
