"""One's own news, what could not be sent, and one's wishes (APR-13)."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from approvals.domain.notification_kinds import RULES, Kind, Timing, choices_of, timing_of
from approvals.models import (
    Notification,
    NotificationChoice,
    NotificationHours,
    NotificationMail,
    WebhookDelivery,
)

PAGE = 50
MAX_COUNT = 1_000


@dataclass(frozen=True, slots=True)
class NewsPage:
    """`after` is the cursor of the next page, empty on the last one."""

    rows: tuple[Notification, ...]
    after: str


@dataclass(frozen=True, slots=True)
class Wish:
    """One kind: what is chosen now, and what may be."""

    kind: Kind
    label: str
    timing: Timing
    choices: tuple[Timing, ...]


def list_news(*, workspace_id: UUID, person_id: UUID | None, after: str = "") -> NewsPage:
    """This person's news of the workspace, newest first. One query."""
    rows = Notification.objects.filter(workspace=workspace_id, person=person_id).select_related("mail")
    if after:
        rows = rows.filter(pk__lt=UUID(after))
    found = tuple(rows.order_by("-id")[: PAGE + 1])
    return NewsPage(found[:PAGE], str(found[PAGE - 1].pk) if len(found) > PAGE else "")


def list_wishes(person_id: UUID | None) -> list[Wish]:
    """Every kind as this person has it. One query."""
    rows = NotificationChoice.objects.filter(person=person_id).values_list("kind", "timing")
    chosen = dict(rows)
    return [
        Wish(kind, rule.label, timing_of(kind, chosen.get(kind, "")), choices_of(kind)) for kind, rule in RULES.items()
    ]


def get_hours(person_id: UUID | None) -> NotificationHours:
    """The person's clock, or the one that everybody starts with."""
    return NotificationHours.objects.filter(person=person_id).first() or NotificationHours()


def failed_mails(workspace_id: UUID) -> QuerySet[NotificationMail]:
    """E-mails of the workspace that failed for good, to be counted."""
    told = Notification.objects.filter(mail=OuterRef("pk"), workspace=workspace_id)
    return NotificationMail.objects.filter(Exists(told), state="failed")


def failed_hooks(workspace_id: UUID) -> QuerySet[WebhookDelivery]:
    """Webhooks of the workspace that failed for good, to be counted."""
    return WebhookDelivery.objects.filter(state="failed", endpoint__workspace=workspace_id)
