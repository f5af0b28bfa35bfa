"""The drift page: how each connection is watched, and whose the changes there were."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from approvals.domain.drift import Origin
from approvals.models import Incident
from approvals.selectors.drift import count_origins, list_learnt_writers, list_marks, list_open_incidents
from crm_connectors.selectors.observed import WatchState, list_watches
from governance.models import Connection

SHOWN = timedelta(days=7)
LATE = timedelta(minutes=30)
"""Beyond this a look is late: something keeps it back."""
WORDS = {
    Origin.EXPLAINED: "ours",
    Origin.PERSON: "by people",
    Origin.OVERWRITTEN: "over an agent's value",
    Origin.AUTOMATION: "by automation",
    Origin.UNGOVERNED: "ungoverned",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedConnection:
    """`counts` by word and of the last seven days; `lag` since the object that was looked at longest ago, None before
    the first look. `waiting_since`: so long something that was seen waits to be judged, None where nothing waits for
    longer than `LATE`. `is_known`: our own writes can be told from those of other apps. `missing`: governed fields,
    with their object, that the CRM does not have any more."""

    connection: Connection
    counts: tuple[tuple[str, int], ...]
    watches: tuple[WatchState, ...]
    lag: timedelta | None
    waiting_since: datetime | None
    is_late: bool
    is_known: bool
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DriftPage:
    connections: tuple[WatchedConnection, ...]
    incidents: tuple[Incident, ...]


def show_drift(workspace_id: UUID, *, now: datetime) -> DriftPage:
    """Five queries, and one for each connection whose own name at its CRM no setting tells."""
    connections = {row.pk: row for row in Connection.objects.filter(workspace_id=workspace_id).order_by("name")}
    counts = count_origins(workspace_id, since=now - SHOWN)
    watches: defaultdict[UUID, list[WatchState]] = defaultdict(list)
    for watch in list_watches(list(connections)):
        watches[watch.connection_id].append(watch)
    marks = {pk: at for pk, at in list_marks(list(connections)).items() if now - at > LATE}
    rows = [
        _show(row, watches[pk], counts.get(pk, {}), marks.get(pk), now)
        for pk, row in connections.items()
        if pk in watches
    ]
    return DriftPage(tuple(rows), tuple(list_open_incidents(workspace_id)))


def _show(
    connection: Connection,
    watches: list[WatchState],
    counts: dict[str, int],
    waiting_since: datetime | None,
    now: datetime,
) -> WatchedConnection:
    looks = [watch.looked_at for watch in watches]
    oldest = min((at for at in looks if at is not None), default=None)
    lag = now - oldest if oldest is not None and None not in looks else None
    return WatchedConnection(
        connection=connection,
        counts=tuple((WORDS[origin], counts.get(origin, 0)) for origin in Origin),
        watches=tuple(watches),
        lag=lag,
        waiting_since=waiting_since,
        is_late=lag is None or lag > LATE or waiting_since is not None or any(watch.problem for watch in watches),
        is_known=connection.kind == "embedded"
        or any(watch.own_writers for watch in watches)
        or bool(list_learnt_writers(connection.pk)),
        missing=tuple(f"{watch.object_type}.{name}" for watch in watches for name in watch.missing_fields),
    )
