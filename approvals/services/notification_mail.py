"""E-mails of the news: gathered by person, claimed, sent outside any transaction, at least once (APR-13)."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q, QuerySet

from approvals.domain.notification_kinds import RULES, Kind
from approvals.domain.notification_text import News, mail_body, mail_subject
from approvals.domain.status import Status
from approvals.models import AgentActionRequest, Notification, NotificationMail
from approvals.selectors.of_agents import concerned_agent_id
from audit.domain.event import Actor, NewEvent, Subject
from audit.selectors.clock import get_now
from audit.selectors.database_clock import DatabaseNow
from audit.services.append import append_events
from governance.selectors.holders import logins_that_may

LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 8
_MOST = 500
_DUE = Q(state="waiting", not_before__lte=DatabaseNow()) | Q(state="sending", leased_until__lte=DatabaseNow())
_UNSENT = Q(mail__isnull=True, is_stale=False, send_at__lte=DatabaseNow())
_NEEDS: dict[str, str] = {
    Kind.REQUEST_PENDING: "review_requests",
    Kind.REQUEST_REMINDER: "review_requests",
    Kind.REQUEST_ESCALATED: "review_requests",
    Kind.REPORT_WEEKLY: "view_reports",
    Kind.REPORT_MONTHLY: "view_reports",
    Kind.LEDGER_EXPORT: "view_ledger",
}
"""By which right people are told of these."""

log = structlog.get_logger(__name__)


def gather_mails(*, limit: int = 100) -> int:
    """Make one e-mail for each person who has news due, however much; returns how many. Each person commits alone."""
    due = Notification.objects.filter(_UNSENT).order_by("person_id")
    people = list(due.values_list("person_id", flat=True).distinct()[:limit])
    return sum(_gather(person_id) for person_id in people)


def _gather(person_id: UUID) -> bool:
    """What became stale is marked, and leaves no e-mail."""
    with transaction.atomic():
        due = Notification.objects.select_for_update(skip_locked=True).filter(_UNSENT, person_id=person_id)
        rows = list(due.order_by("id")[:_MOST])
        stale = _stale_ids(rows)
        Notification.objects.filter(pk__in=stale).update(is_stale=True)
        fresh = [row.pk for row in rows if row.pk not in stale]
        if not fresh:
            return False
        now = get_now()
        mail = NotificationMail.objects.create(person_id=person_id, not_before=now, created_at=now)
        Notification.objects.filter(pk__in=fresh).update(mail=mail)
    return True


def _stale_ids(rows: list[Notification]) -> set[UUID]:
    """What asks for a decision that has been made, or tells of what its person may not read any more."""
    waiting = {row.request_id_seen for row in rows if RULES[Kind(row.kind)].is_waiting and row.request_id_seen}
    pending = set(AgentActionRequest.objects.filter(pk__in=waiting, status=Status.PENDING).values_list("pk", flat=True))
    settled = waiting - pending
    made = {row.pk for row in rows if row.request_id_seen in settled and RULES[Kind(row.kind)].is_waiting}
    return made | _forbidden_ids(rows)


def _forbidden_ids(rows: list[Notification]) -> set[UUID]:
    """Told by a right that was taken since: a digest waits for a day. A query for each right, and agent of its own."""
    asked = {row.request_id_seen for row in rows if row.kind in _NEEDS and row.request_id_seen}
    requests = AgentActionRequest.objects.filter(pk__in=asked).select_related("reverses") if asked else ()
    agents: dict[UUID | None, UUID | None] = {request.pk: concerned_agent_id(request) for request in requests}
    places = {
        row.pk: (row.person_id, _NEEDS[row.kind], row.workspace_id, agents.get(row.request_id_seen))
        for row in rows
        if row.kind in _NEEDS
    }
    held = {
        place: logins_that_may(place[1], workspace_id=place[2], agent_id=place[3]).filter(person=place[0]).exists()
        for place in set(places.values())
    }
    return {pk for pk, place in places.items() if not held[place]}


def list_due_mails(*, limit: int = 50) -> list[UUID]:
    """E-mails to send now, and those whose sender died."""
    return list(NotificationMail.objects.filter(_DUE).order_by("not_before").values_list("pk", flat=True)[:limit])


def send_mail(*, mail_id: UUID) -> str:
    """Claim one e-mail and send it; returns its state after that, empty when somebody else has it.

    Never called inside a transaction. A sender that dies leaves the lease, and the next one sends again with the same
    Message-ID: at least once. After eight attempts it has failed, which the home page shows.
    """
    claimed = NotificationMail.objects.filter(_DUE, pk=mail_id).update(
        state="sending", leased_until=get_now() + LEASE, attempts_count=F("attempts_count") + 1
    )
    if not claimed:
        return ""
    mail = NotificationMail.objects.select_related("person").get(pk=mail_id)
    rows = list(Notification.objects.filter(mail=mail).order_by("id"))
    stale = _stale_ids(rows)
    fresh = [row for row in rows if row.pk not in stale]
    Notification.objects.filter(pk__in=stale).update(is_stale=True)
    if not fresh or not mail.person.is_active:
        return _end(mail, "stale")
    try:
        make_message(mail, fresh, left_out=len(stale)).send()
    except Exception as error:  # noqa: BLE001  # whatever a mail server and its library think of: tried again
        log.warning("a notification could not be sent", mail=str(mail.pk), error=type(error).__name__)
        return _put_off(mail, type(error).__name__)
    return _end(mail, "sent")


def make_message(mail: NotificationMail, rows: list[Notification], *, left_out: int) -> EmailMessage:
    """Plain text. The same e-mail has the same Message-ID at every attempt."""
    news = [
        News(row.kind, row.title, row.path, tuple((label, value) for label, value in row.facts), row.correlation_id)
        for row in rows
    ]
    host = urlsplit(settings.PUBLIC_URL).hostname
    headers = {
        "Message-ID": f"<{mail.pk}@{host}>",
        "Idempotency-Key": str(mail.pk),
        "Auto-Submitted": "auto-generated",
    }
    body = mail_body(news, public_url=settings.PUBLIC_URL, left_out=left_out)
    return EmailMessage(mail_subject(news), body, settings.DEFAULT_FROM_EMAIL, [mail.person.email], headers=headers)


def _put_off(mail: NotificationMail, error: str) -> str:
    if mail.attempts_count >= MAX_ATTEMPTS:
        return _end(mail, "failed", error=error)
    pause = delivery_pause(mail.attempts_count)
    _ours(mail).update(state="waiting", not_before=get_now() + pause, leased_until=None, error=error)
    return "waiting"


def _end(mail: NotificationMail, state: str, *, error: str = "") -> str:
    _ours(mail).update(state=state, ended_at=get_now(), leased_until=None, error=error)
    return state


def _ours(mail: NotificationMail) -> QuerySet[NotificationMail]:
    """The row, unless another sender took it over meanwhile."""
    return NotificationMail.objects.filter(pk=mail.pk, state="sending", attempts_count=mail.attempts_count)


def delivery_pause(attempts: int) -> timedelta:
    """The pause after the n-th failure: half a minute, two, eight, … six hours at most."""
    return min(timedelta(seconds=30 * 4 ** max(attempts - 1, 0)), timedelta(hours=6))


def retry_failed_mail(*, mail_id: UUID, actor: Actor, now: datetime) -> bool:
    """Send one that failed again, from its first attempt. False when it had not failed.

    Commits it, with `notification.resent` in every workspace whose news it holds. Raises LedgerUnavailableError.
    """
    with transaction.atomic():
        rows = NotificationMail.objects.filter(pk=mail_id, state="failed")
        if not rows.update(state="waiting", not_before=now, attempts_count=0, ended_at=None):
            return False
        news = Notification.objects.filter(mail=mail_id).order_by("workspace__slug")
        slugs = news.values_list("workspace__slug", flat=True).distinct()
        append_events([_resent(mail_id, slug, actor) for slug in slugs], now=now)
    return True


def _resent(mail_id: UUID, workspace: str, actor: Actor) -> NewEvent:
    return NewEvent(
        type="notification.resent",
        workspace=workspace,
        actor=actor,
        subject=Subject("notification_mail", str(mail_id)),
        correlation_id=f"notification-mail-{mail_id}",
        data={},
    )
