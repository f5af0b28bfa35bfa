"""The map of each finished day: whom sends were handed over for, under a root that is a ledger event (DNC-07).

INVARIANT: a workspace's day has one root. Row, parts and event commit as one, and the constraint lets one sweep do it.
Days are made in their order, each over the events that have a leaf by then; what gets its leaf later is in the next
day's map and counted as late there. A day without sends has the empty map's root. A send that does not say whom it
reached is in no map: its day is named in the root for ever, and nothing is certified about it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import msgspec
import structlog
from django.db import IntegrityError, transaction
from django.db.models import Q

from approvals.models import AgentActionRequest, ContactDay, ContactPart
from audit.domain.contact_map import Send, entries_of, late_days, map_key_name
from audit.domain.event import Actor, NewEvent, Subject
from audit.domain.sorted_map import map_root, part_head, split_parts
from audit.models import LedgerEvent, PendingEvent
from audit.selectors.tree import get_tree_size
from audit.services.append import append_events
from governance.domain.action_class import SENDS
from governance.models import Workspace
from governance.selectors.contact_keys import get_contact_key

GRACE = timedelta(minutes=15)
"""How long after midnight a day is left to end: what began right before it still commits."""
DAYS_A_TURN = 31

_Row = tuple[UUID, datetime, str, bytes | memoryview]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Found:
    """What a day's map is made of. `unlabelled`: how many sends do not say whom they reached, by their day."""

    sends: list[Send]
    unlabelled: dict[str, int]


def root_contacts(*, now: datetime) -> int:
    """Make the maps of the finished days that have none; returns how many. Commits each day by itself.

    A month of days a turn, so that a long standstill is made up for step by step. What breaks one workspace keeps no
    other waiting: the first error is raised when all had their turn.
    """
    rooted, errors = 0, []
    for workspace in Workspace.objects.order_by("slug"):
        try:
            rooted += sum(_root_day(workspace, day, now) for day in _due_days(workspace, now))
        except Exception as error:  # noqa: BLE001 - raised below
            errors.append(error)
    if errors:
        raise errors[0]
    return rooted


def _due_days(workspace: Workspace, now: datetime) -> Iterator[date]:
    last = (now.astimezone(UTC) - GRACE).date() - timedelta(days=1)
    newest = ContactDay.objects.filter(workspace=workspace).order_by("-day").values_list("day", flat=True).first()
    day = newest + timedelta(days=1) if newest is not None else _first_day(workspace, now)
    for _ in range(DAYS_A_TURN):
        if day is None or day > last:
            return
        yield day
        day += timedelta(days=1)


def _first_day(workspace: Workspace, now: datetime) -> date | None:
    """The day of the workspace's first event, a month back at most. None as long as there is no event."""
    rows = LedgerEvent.objects.filter(workspace=workspace.slug).order_by("id")
    first = rows.values_list("at", flat=True).first()
    return _day(max(first, now - timedelta(days=DAYS_A_TURN))) if first is not None else None


def _root_day(workspace: Workspace, day: date, now: datetime) -> bool:
    """Whether this call made it: False while the sequencer is behind, and when another was first."""
    end = datetime.combine(day + timedelta(days=1), time(), UTC)
    if PendingEvent.objects.filter(event__at__lt=end, event__workspace=workspace.slug).exists():
        return False
    until = get_tree_size()
    found = _find(workspace, day, end, until)
    try:
        with transaction.atomic():
            _write(workspace, day, found, until, now)
    except IntegrityError:
        return False
    if found.unlabelled:
        log.warning("sends do not say whom they reached", workspace=workspace.slug, days=found.unlabelled)
    return True


def _find(workspace: Workspace, day: date, end: datetime, until: int) -> _Found:
    """The sends of the day's map: of the day itself, and of days before what had no leaf when theirs was made."""
    start = end - timedelta(days=1)
    before = ContactDay.objects.filter(workspace=workspace, day=day - timedelta(days=1))
    since = before.values_list("until_leaf", flat=True).first()
    own = Q(at__gte=start)
    late = Q(leaf__leaf_index__gte=since) if since is not None else Q(pk__in=[])
    rows = LedgerEvent.objects.filter(own | late, workspace=workspace.slug, type="request.sent", at__lt=end)
    return _read(rows.filter(leaf__leaf_index__lt=until).order_by("id").values_list("id", "at", "subject_id", "body"))


def _read(rows: Iterable[_Row]) -> _Found:
    sends, unlabelled = [], Counter[str]()
    for event_id, at, request_id, body in rows:
        labels = _labels(body)
        if labels is not None:
            sends.append(Send(event_id, _day(at), tuple(bytes.fromhex(label) for label in labels)))
        elif AgentActionRequest.objects.filter(pk=request_id, action__in=SENDS).exists():
            unlabelled[_day(at).isoformat()] += 1
    return _Found(sends, dict(sorted(unlabelled.items())))


def _labels(body: bytes | memoryview) -> list[str] | None:
    """What the event says of whom it reached; None for a write that reaches nobody."""
    found: list[str] | None = msgspec.json.decode(bytes(body))["data"].get("labels")
    return found


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _write(workspace: Workspace, day: date, found: _Found, until: int, now: datetime) -> None:
    """Row, parts and event. Raises IntegrityError when the day is made already, LedgerUnavailableError."""
    parts = split_parts(entries_of(found.sends))
    heads = [part_head(part) for part in parts]
    row = ContactDay(
        workspace=workspace,
        day=day,
        root=map_root(heads),
        size=sum(map(len, parts)),
        heads=b"".join(head.first + head.root for head in heads),
        until_leaf=until,
        late=late_days(found.sends, day),
        unlabelled=found.unlabelled,
        rooted_at=now,
    )
    [row.event_id] = append_events([_rooted(workspace, row, len(found.sends))], now=now)
    row.save(force_insert=True)
    ContactPart.objects.bulk_create(
        [ContactPart(day=row, n=n, entries=b"".join(entry.bytes for entry in part)) for n, part in enumerate(parts)]
    )


def _rooted(workspace: Workspace, row: ContactDay, sends: int) -> NewEvent:
    """All that a verifier needs: with the ledger's events it makes the same map."""
    return NewEvent(
        type="contacts.rooted",
        workspace=workspace.slug,
        actor=Actor("system", "contacts"),
        subject=Subject("contact_map", row.day.isoformat()),
        correlation_id=f"contacts-{workspace.slug}-{row.day.isoformat()}",
        data={
            "day": row.day.isoformat(),
            "root": row.root.hex(),
            "size": row.size,
            "sends": sends,
            "until_leaf": row.until_leaf,
            "late": row.late,
            "unlabelled": row.unlabelled,
            "key": map_key_name(get_contact_key(workspace.pk)),
        },
    )
