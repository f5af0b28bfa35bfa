"""Telling people: rows for those who are concerned, and for the addresses outside that listen (APR-13).

Nothing is sent here: the rows are the jobs, and `approvals.services.notifying` sends them outside any transaction.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import msgspec
from django.conf import settings

from approvals.domain.notification_kinds import RULES, Kind, timing_of
from approvals.domain.notification_text import News, event_payload, message_payload, one_line
from approvals.domain.notification_time import Hours, send_at
from approvals.models import Notification, NotificationChoice, NotificationHours, WebhookDelivery, WebhookEndpoint
from governance.models import Person

OF_AGENT = frozenset(
    {
        Kind.REQUEST_DECIDED,
        Kind.REQUEST_EXECUTED,
        Kind.REQUEST_FAILED,
        Kind.REQUEST_CONFLICT,
        Kind.REQUEST_UNKNOWN,
    }
)
"""What an agent's own endpoint hears: what became of its requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One piece of news and whom it concerns. `key` makes it heard once by each; `data` are codes and ids for programs.

    `agent_id` and `request_id` say whose and which request it is about, where it is about one.
    """

    workspace_id: UUID
    news: News
    key: str
    person_ids: Collection[UUID]
    agent_id: UUID | None = None
    request_id: UUID | None = None
    data: Mapping[str, str] = field(default_factory=dict)


def notify(
    *,
    workspace_id: UUID,
    kind: Kind,
    key: str,
    title: str,
    path: str,
    person_ids: Collection[UUID],
    now: datetime,
    facts: Sequence[tuple[str, str]] = (),
    correlation_id: str = "",
) -> None:
    """Tell these people one thing, each once for this `kind` and `key`, in the caller's transaction.

    `title` is a sentence and `facts` are labels with names; none may hold the value of a field. `path` leads into the
    product. Writes rows alone; what leaves, and when, is the person's choice.
    """
    news = News(kind, title, path, tuple(facts), correlation_id)
    announce([Announcement(workspace_id=workspace_id, news=news, key=key, person_ids=person_ids)], now=now)


def announce(announcements: Sequence[Announcement], *, now: datetime) -> None:
    """The same for many at once: a handful of queries however many there are. Runs in the caller's transaction."""
    if not announcements:
        return
    people = {person for item in announcements for person in item.person_ids}
    timings, hours = _choices(people), _hours(people)
    active = set(Person.objects.filter(pk__in=people, is_active=True).values_list("pk", flat=True))
    rows = [
        _row(item, person, timings.get((person, item.news.kind), ""), hours.get(person, Hours()), now)
        for item in announcements
        for person in sorted(active & set(item.person_ids))
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    WebhookDelivery.objects.bulk_create(_deliveries(announcements, now), ignore_conflicts=True, batch_size=500)


def _choices(people: Collection[UUID]) -> dict[tuple[UUID, str], str]:
    rows = NotificationChoice.objects.filter(person__in=people).values_list("person_id", "kind", "timing")
    return {(person, kind): timing for person, kind, timing in rows}


def _hours(people: Collection[UUID]) -> dict[UUID, Hours]:
    rows = NotificationHours.objects.filter(person__in=people)
    return {row.person_id: Hours(row.zone, row.digest_at, row.quiet_from, row.quiet_until) for row in rows}


def _row(item: Announcement, person_id: UUID, chosen: str, hours: Hours, now: datetime) -> Notification:
    kind = Kind(item.news.kind)
    return Notification(
        workspace_id=item.workspace_id,
        person_id=person_id,
        kind=kind,
        key=item.key,
        title=one_line(item.news.title, 240),
        facts=[[label, one_line(value)] for label, value in item.news.facts],
        path=item.news.path,
        correlation_id=one_line(item.news.correlation_id, 120),
        request_id_seen=item.request_id,
        created_at=now,
        send_at=send_at(timing_of(kind, chosen), now, hours, is_loud=RULES[kind].is_loud),
    )


def _deliveries(announcements: Sequence[Announcement], now: datetime) -> list[WebhookDelivery]:
    workspaces = {item.workspace_id for item in announcements}
    endpoints = list(WebhookEndpoint.objects.filter(workspace__in=workspaces, is_active=True))
    return [
        WebhookDelivery(
            endpoint=endpoint,
            kind=item.news.kind,
            key=item.key,
            body=_body(endpoint, item, now),
            not_before=now,
            created_at=now,
        )
        for item in announcements
        for endpoint in endpoints
        if _hears(endpoint, item)
    ]


def _hears(endpoint: WebhookEndpoint, item: Announcement) -> bool:
    if endpoint.workspace_id != item.workspace_id or item.news.kind not in endpoint.kinds:
        return False
    return endpoint.agent_id is None or (endpoint.agent_id == item.agent_id and item.news.kind in OF_AGENT)


def _body(endpoint: WebhookEndpoint, item: Announcement, now: datetime) -> str:
    if endpoint.style == "messages":
        payload = message_payload(item.news, public_url=settings.PUBLIC_URL)
    else:
        payload = event_payload(item.news, public_url=settings.PUBLIC_URL, data=item.data, at=now.isoformat())
    return msgspec.json.encode(payload).decode()
