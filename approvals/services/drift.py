"""Drift: what CRMs tell of changes is held against our attempts (EXE-05, SEC-01).

With our credential and of no attempt of ours → an incident; of a value that an agent wrote, by a person → looked at at
once by the one path of silent rejections; all else is counted.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from django.db import transaction

from approvals.domain.drift import Change, Judgement, Origin, World, judge_changes
from approvals.models import DriftFinding, DriftMark, WrittenField
from approvals.selectors.drift import list_learnt_writers, list_proven
from approvals.selectors.known_writes import list_known_writes, list_watched
from approvals.services.drift_incidents import tell_of_ungoverned
from crm_connectors.selectors.observed import (
    Observed,
    list_observed,
    list_old,
    list_own_writers,
    list_watched_connections,
)
from crm_connectors.services.observations import forget_changes, print_value
from governance.models import Connection

KEPT = timedelta(days=90)
_BATCH = 500
_MOST = 5_000
"""Changes of a connection that one turn judges."""
_OVERLAP = timedelta(minutes=15)
"""So long a row may stay unseen after its own time: its transaction was open."""
_FIRST = datetime.min.replace(tzinfo=UTC) + _OVERLAP
"""The mark of a connection of which nothing was judged yet."""

log = structlog.get_logger(__name__)


def judge_drift(*, now: datetime) -> int:
    """Judge what was observed since the last turn, five thousand changes of a connection at most; returns how many.

    Reads no CRM. Each object of a batch is a transaction of its own: findings, incident and events together, so that a
    worker that dies leaves it to be judged again, and two that judge at once judge it once. Forgets, besides, what was
    seen 90 days ago, was judged, and is no incident's evidence.
    """
    judged = 0
    for connection_id in list_watched_connections():
        try:
            judged += _judge_connection(Connection.objects.select_related("workspace").get(pk=connection_id), now)
        except Exception:
            log.exception("drift could not be judged", connection_id=str(connection_id))
    _forget_old(now)
    return judged


def _judge_connection(connection: Connection, now: datetime) -> int:
    """INVARIANT: what was seen before the mark, less the overlap, has its finding; the mark never goes back."""
    mark, _ = DriftMark.objects.get_or_create(connection=connection, defaults={"judged_until": _FIRST})
    since = mark.judged_until - _OVERLAP
    after, judged = None, 0
    while judged < _MOST:
        page = _list_unjudged(connection.pk, since, after, _BATCH)
        judged += _judge_page(connection, page, now)
        if len(page) < _BATCH:
            break
        after = (page[-1].seen_at, page[-1].id)
    left = _list_unjudged(connection.pk, since, None, 1)
    reached = min(now, *(one.seen_at for one in left)) if left else now
    DriftMark.objects.filter(pk=mark.pk, judged_until__lt=reached).update(judged_until=reached)
    return judged


def _list_unjudged(
    connection_id: UUID, since: datetime, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Observed]:
    judged = DriftFinding.objects.all()
    return list_observed(connection_id, since=since, after=after, limit=limit, without=judged)


def _judge_page(connection: Connection, page: Sequence[Observed], now: datetime) -> int:
    """How many could be judged: what only an open attempt may explain waits until it settles (EXE-03)."""
    count = 0
    by_object: defaultdict[str, list[Observed]] = defaultdict(list)
    for one in page:
        by_object[one.object_type].append(one)
    for object_type, observed in by_object.items():
        world = _world(connection.pk, object_type, observed, now)
        judged = zip(observed, judge_changes([_change(one) for one in observed], world), strict=True)
        settled = [(one, judgement) for one, judgement in judged if judgement is not None]
        _conclude(connection, settled, now)
        count += len(settled)
    return count


def _world(connection_id: UUID, object_type: str, observed: Sequence[Observed], now: datetime) -> World:
    """Five queries for any number of changes of an object."""
    marked = partial(print_value, connection_id)
    record_ids = sorted({one.record_id for one in observed})
    writes = list_known_writes(
        connection_id=connection_id,
        object_type=object_type,
        record_ids=record_ids,
        since=min(one.changed_at for one in observed),
        until=max(one.changed_at for one in observed),
        now=now,
        print_value=marked,
    )
    return World(
        writes=writes,
        own_writers=list_own_writers(connection_id) | list_learnt_writers(connection_id),
        empty=marked(None),
        watched=list_watched(connection_id, object_type, record_ids),
        proven=list_proven(connection_id, object_type, {(one.record_id, one.changed_at) for one in observed}),
    )


def _change(one: Observed) -> Change:
    return Change(
        record_id=one.record_id,
        field=one.field,
        value=one.value_print,
        writer=one.writer,
        actor=one.actor,
        key=one.operation_key,
        at=one.changed_at,
    )


def _conclude(connection: Connection, judged: Sequence[tuple[Observed, Judgement]], now: datetime) -> None:
    """INVARIANT: an ungoverned change has a finding that names its incident, or none at all."""
    with transaction.atomic():
        Connection.objects.select_for_update().get(pk=connection.pk)  # who else judges it waits, and finds it judged
        known = set(DriftFinding.objects.filter(pk__in=[one.id for one, _ in judged]).values_list("pk", flat=True))
        fresh = [(one, judgement) for one, judgement in judged if one.id not in known]
        strays = [one for one, judgement in fresh if judgement.origin is Origin.UNGOVERNED]
        incident_id = tell_of_ungoverned(connection, strays, now=now) if strays else None
        DriftFinding.objects.bulk_create(
            [
                DriftFinding(
                    change_id=one.id,
                    workspace_id=connection.workspace_id,
                    connection_id=connection.pk,
                    origin=judgement.origin,
                    request_id=judgement.request or None,
                    incident_id=incident_id if judgement.origin is Origin.UNGOVERNED else None,
                    found_at=now,
                )
                for one, judgement in fresh
            ],
            batch_size=200,
        )
        _hurry(connection.pk, fresh, now)


def _hurry(connection_id: UUID, judged: Sequence[tuple[Observed, Judgement]], now: datetime) -> None:
    """Values of agents that a person wrote over are looked at in the next turn of `watch_overwrites`."""
    by_object: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for one, judgement in judged:
        if judgement.origin is Origin.OVERWRITTEN:
            by_object[one.object_type].add((one.record_id, one.field))
    for object_type, places in by_object.items():
        rows = WrittenField.objects.filter(connection_id=connection_id, object_type=object_type, fate="")
        rows = rows.filter(record_id__in={record_id for record_id, _ in places}, next_look_at__gt=now)
        found: Mapping[UUID, tuple[str, str]] = {row.pk: (row.record_id, row.field) for row in rows}
        WrittenField.objects.filter(pk__in=[pk for pk, place in found.items() if place in places]).update(
            next_look_at=now
        )


def _forget_old(now: datetime) -> None:
    forget_changes(list_old(now - KEPT, _BATCH, among=DriftFinding.objects.filter(incident=None)))
