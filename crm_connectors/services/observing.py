"""Watching CRMs for changes, ours or not: what their own histories tell is kept, once each (drift).

A watch for each object with governed fields follows the CRM's list of changed records from a mark on; a webhook's news
of a record are read first. Nothing here judges: `approvals` compares what was observed with its attempts.
"""

import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from crm_connectors.domain.record import ChangedPage, HistoryEntry
from crm_connectors.models import ChangeWatch, RecordNews
from crm_connectors.port import ChangeTeller, ConnectorError, NotFoundError
from crm_connectors.services.connectors import CONNECTOR_KINDS, get_connector
from crm_connectors.services.observations import keep_changes
from governance.models import Connection
from governance.selectors.governed_fields import list_governed_fields, list_governed_objects

EVERY = timedelta(minutes=10)
EVERY_HERE = timedelta(minutes=1)
"""A CRM of our own tables is asked more often: it costs no call."""
LEASE = timedelta(minutes=10)
LAG = timedelta(minutes=2)
"""A CRM's list of changed records may lag: its last two minutes are read again."""
SKEW = timedelta(minutes=15)
PAGE = 200
FIELDS_A_CALL = 100
"""What one call of a CRM can be asked for."""
_PAGES = 5
_SECONDS = 20.0

log = structlog.get_logger(__name__)


def observe_changes(*, now: datetime) -> int:
    """Look where a look is due; returns how many changes were new. Never inside a transaction: it calls CRMs.

    At most a thousand records of each object a look, and about twenty seconds a turn; the rest is due again at once. A
    CRM that does not answer is asked again later, under its own gate, and keeps no other back.
    """
    _ensure_watches(now)
    started, found = time.monotonic(), 0
    due = ChangeWatch.objects.filter(next_look_at__lte=now, connection__is_active=True)
    for watch in due.select_related("connection").order_by("next_look_at")[:50]:
        if time.monotonic() - started > _SECONDS:
            break
        same = ChangeWatch.objects.filter(pk=watch.pk, next_look_at=watch.next_look_at)
        if same.update(next_look_at=now + LEASE):
            found += _look(watch, now)
    return found


def _ensure_watches(now: datetime) -> None:
    """A watch begins with its first look: what was written before the product watched is nobody's fault."""
    kinds = dict(Connection.objects.values_list("pk", "kind"))
    known = set(ChangeWatch.objects.values_list("connection_id", "object_type"))
    ChangeWatch.objects.bulk_create(
        [
            ChangeWatch(
                connection_id=connection_id,
                object_type=object_type,
                since=now,
                reached_at=now - SKEW,
                next_look_at=now,
            )
            for connection_id, object_type in list_governed_objects()
            if (connection_id, object_type) not in known and kinds.get(connection_id) in CONNECTOR_KINDS
        ],
        ignore_conflicts=True,
    )


def _look(watch: ChangeWatch, now: datetime) -> int:
    """One look at one object; how many changes were new."""
    try:
        connector = get_connector(watch.connection_id, kind=watch.connection.kind)
        if not isinstance(connector, ChangeTeller):
            return 0
        found, is_done = _read_on(watch, connector, now)
    except ConnectorError as error:
        log.warning("changes could not be read", connection=watch.connection.name, code=error.code)
        ChangeWatch.objects.filter(pk=watch.pk).update(problem=error.code, next_look_at=now + EVERY)
        return 0
    except Exception:
        log.exception("changes could not be read", connection=watch.connection.name)
        ChangeWatch.objects.filter(pk=watch.pk).update(problem="broken", next_look_at=now + EVERY)
        return 0
    pause = EVERY_HERE if connector.is_local else EVERY
    due = now + pause if is_done and not _list_told(watch) else now
    same = ChangeWatch.objects.filter(pk=watch.pk)
    same.update(looked_at=now, problem="", next_look_at=due, missing_fields=watch.missing_fields)
    return found


def _read_on(watch: ChangeWatch, connector: ChangeTeller, now: datetime) -> tuple[int, bool]:
    """How many changes were new, and whether that was all. A field that the CRM does not have any more stops the watch
    of no other: it is told of, until the next schema sync sees that it is gone."""
    watch.own_writers = sorted(connector.own_writers())
    ChangeWatch.objects.filter(pk=watch.pk).update(own_writers=watch.own_writers)
    fields, watch.missing_fields = list_governed_fields(watch.connection_id, watch.object_type), []
    try:
        return _follow(watch, connector, fields, now)
    except NotFoundError:
        there = _list_there(watch, connector)
        watch.missing_fields = [name for name in fields if name not in there]
        if not watch.missing_fields:
            raise
    return _follow(watch, connector, [name for name in fields if name in there], now)


def _list_there(watch: ChangeWatch, connector: ChangeTeller) -> frozenset[str]:
    """The names of the object's fields, as the CRM has them now. Raises NotFoundError when it has no such object."""
    for item in connector.describe().objects:
        if item.name == watch.object_type:
            return frozenset(one.name for one in item.fields)
    raise NotFoundError(f"the CRM has no `{watch.object_type}`")


def _follow(watch: ChangeWatch, connector: ChangeTeller, fields: Sequence[str], now: datetime) -> tuple[int, bool]:
    """What webhooks spoke of, then page after page; each page is kept before the mark moves."""
    if not fields:
        _forget_told(_list_told(watch))
        return 0, True
    found = _read_told(watch, connector, fields, now)
    for _ in range(_PAGES):
        page = connector.list_changed(
            object_type=watch.object_type, since=watch.reached_at, after=watch.reached_id, limit=PAGE
        )
        ids = [one.id for one in page.records]
        found += keep_changes(watch, _changes(watch, connector, ids, fields), was_told=False, now=now)
        _move(watch, page)
        if page.is_last:
            return found, True
    return found, False


def _changes(
    watch: ChangeWatch, connector: ChangeTeller, ids: Sequence[str], fields: Sequence[str]
) -> dict[str, tuple[HistoryEntry, ...]]:
    """By record, however many fields: a call's worth of them at a time."""
    found: defaultdict[str, tuple[HistoryEntry, ...]] = defaultdict(tuple)
    for start in range(0, len(fields) if ids else 0, FIELDS_A_CALL):
        part = fields[start : start + FIELDS_A_CALL]
        told = connector.list_changes(object_type=watch.object_type, record_ids=ids, fields=part)
        for record_id, entries in told.items():
            found[record_id] += entries
    return found


def _read_told(watch: ChangeWatch, connector: ChangeTeller, fields: Sequence[str], now: datetime) -> int:
    """The records that webhooks spoke of. One told again meanwhile is kept for the next look."""
    told = _list_told(watch)
    changes = _changes(watch, connector, [row.record_id for row in told], fields)
    found = keep_changes(watch, changes, was_told=True, now=now)
    _forget_told(told)
    return found


def _forget_told(told: Sequence[RecordNews]) -> None:
    for row in told:
        RecordNews.objects.filter(pk=row.pk, told_at=row.told_at).delete()


def _list_told(watch: ChangeWatch) -> list[RecordNews]:
    rows = RecordNews.objects.filter(connection_id=watch.connection_id, object_type=watch.object_type)
    return list(rows.order_by("told_at")[:PAGE])


def _move(watch: ChangeWatch, page: ChangedPage) -> None:
    """The mark goes on by the CRM's own stamps, never back, and stays behind the newest by what its list may lag."""
    if not page.records:
        return
    last = page.records[-1]
    at, record_id = (max(last.at - LAG, watch.reached_at), "") if page.is_last else (last.at, last.id)
    if at == watch.reached_at and page.is_last:
        record_id = watch.reached_id
    watch.reached_at, watch.reached_id = at, record_id
    ChangeWatch.objects.filter(pk=watch.pk).update(reached_at=at, reached_id=record_id)
