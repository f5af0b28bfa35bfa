"""The regular turn of reports and of the days' contact maps, each duty by itself."""

from collections.abc import Callable
from datetime import datetime

import structlog

from approvals.services.contact_rooting import root_contacts
from approvals.services.report_issuing import issue_reports
from approvals.services.report_rolling import roll_up_reports

log = structlog.get_logger(__name__)

_DUTIES: tuple[Callable[..., int], ...] = (roll_up_reports, issue_reports, root_contacts)


def keep_reports(*, now: datetime) -> int:
    """Do every duty once; returns how much was done, 0 when nothing was due. An error in one keeps no other waiting."""
    return sum(_guard(duty, now) for duty in _DUTIES)


def _guard(duty: Callable[..., int], now: datetime) -> int:
    try:
        return duty(now=now)
    except Exception:
        log.exception("a regular duty failed", duty=duty.__name__)
        return 0
