"""Who in this room follows the ledger, and the turn that moves them all on."""

import structlog

from approvals.services.canary_drawing import CANARIES
from approvals.services.contact_attempts import CONTACTS
from approvals.services.exception_news import EXCEPTIONS
from approvals.services.notification_news import NOTIFICATIONS
from approvals.services.report_tallying import REPORTS
from approvals.services.review_clock import WAITS_FROM, open_clocks
from approvals.services.sampling import QUALITY_SAMPLES
from approvals.services.search_terms import SEARCH
from approvals.services.stranding import CHANGES, ask_again
from approvals.services.track_record import TRACK_RECORDS
from approvals.services.written_fields import WRITTEN_FIELDS
from audit.services.follow import Following, follow

FOLLOWINGS: tuple[Following, ...] = (
    EXCEPTIONS,
    REPORTS,
    QUALITY_SAMPLES,
    WRITTEN_FIELDS,
    Following(name="review-clock", types=WAITS_FROM, take=open_clocks),
    NOTIFICATIONS,
    Following(name="routing", types=CHANGES, take=ask_again, from_now=True),
    TRACK_RECORDS,
    CANARIES,
    SEARCH,
    CONTACTS,
)
_TURNS = 20  # a follower far behind leaves the others their turn

log = structlog.get_logger(__name__)


def follow_ledger() -> int:
    """Move every follower on; returns by how many leaves. One that fails stays where it is; the others go on."""
    return sum(_advance(following) for following in FOLLOWINGS)


def _advance(following: Following) -> int:
    moved = 0
    try:
        for _ in range(_TURNS):
            step = follow(following)
            moved += step
            if not step:
                break
    except Exception:
        log.exception("a follower of the ledger failed", follower=following.name)
    return moved
