"""The sender's turn: whatever is due by e-mail and webhook, for a while (APR-13)."""

import time
from collections.abc import Callable

import structlog

from approvals.services.notification_mail import gather_mails, list_due_mails, send_mail
from approvals.services.webhook_delivery import deliver, list_due_deliveries

log = structlog.get_logger(__name__)


def send_due(*, seconds: float) -> int:
    """Send what is due, for about `seconds`; returns how many were tried. Never called inside a transaction.

    A mail server or a receiver that fails or hangs costs this turn its time and nobody else's: requests do not wait
    for it, and one broken row does not keep the others.
    """
    ends = time.monotonic() + seconds
    _guard(gather_mails)
    work: list[Callable[[], str]] = [
        *((lambda mail_id=mail_id: send_mail(mail_id=mail_id)) for mail_id in list_due_mails()),
        *((lambda row_id=row_id: deliver(delivery_id=row_id)) for row_id in list_due_deliveries()),
    ]
    done = 0
    for step in work:
        if time.monotonic() >= ends:
            break
        _guard(step)
        done += 1
    return done


def _guard(step: Callable[[], object]) -> None:
    """What breaks here is on its own: its lease ends, and it is tried again."""
    try:
        step()
    except Exception:
        log.exception("a notification broke its sender")
