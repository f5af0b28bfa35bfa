"""Incidents of ungoverned writes: one for each connection and day, however many there were (EXC-04)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from approvals.domain.incident import IncidentState, Severity
from approvals.models import Incident
from approvals.services.events import system
from audit.domain.event import NewEvent, Subject
from audit.services.append import append_event, append_events
from crm_connectors.selectors.observed import Observed
from governance.models import Connection

_BY = system("drift")
_MOST_EVENTS = 50
"""Of one turn and object: the rest is counted in the incident's own event, and each is a finding."""


def tell_of_ungoverned(connection: Connection, strays: Sequence[Observed], *, now: datetime) -> UUID:
    """Count these on the day's open incident of the connection, or declare one; returns its id.

    Runs in the caller's transaction, which holds the connection's row. Appends `incident.declared` for a new one,
    `incident.joined` for one that is open, and `drift.found` for the changes, without any value. Raises
    LedgerUnavailableError.
    """
    key = f"ungoverned:{connection.pk}:{now.date()}"
    rows = Incident.objects.filter(workspace_id=connection.workspace_id, origin_key=key)
    incident = rows.exclude(state=IncidentState.CLOSED).first()
    name = "joined"
    if incident is None:
        name, incident = "declared", _declare(connection, key, strays, now)
    else:
        incident.began_at = min([incident.began_at, *(one.changed_at for one in strays)])
        incident.ended_at = None
        incident.save(update_fields=["began_at", "ended_at"])
    records = len({(one.object_type, one.record_id) for one in strays})
    data = {"severity": incident.severity, "case": "", "connection": connection.name, "changes": len(strays)}
    append_event(_event(connection, incident, f"incident.{name}", {**data, "records": records}), now=now)
    append_events([_stray(connection, incident, one) for one in strays[:_MOST_EVENTS]], now=now)
    return incident.pk


def _declare(connection: Connection, key: str, strays: Sequence[Observed], now: datetime) -> Incident:
    return Incident.objects.create(
        workspace_id=connection.workspace_id,
        title=f"Writes at {connection.name} with our credential that no request explains",
        severity=Severity.HIGH,
        began_at=min(now, *(one.changed_at for one in strays)),
        declared_at=now,
        origin_key=key,
    )


def _stray(connection: Connection, incident: Incident, one: Observed) -> NewEvent:
    data = {
        "connection": connection.name,
        "object": one.object_type,
        "record": one.record_id,
        "field": one.field,
        "writer": one.writer,
        "key": one.operation_key,
        "changed_at": one.changed_at.isoformat(),
        "change": str(one.id),
    }
    return _event(connection, incident, "drift.found", data)


def _event(connection: Connection, incident: Incident, name: str, data: dict[str, Any]) -> NewEvent:
    return NewEvent(
        type=name,
        workspace=connection.workspace.slug,
        actor=_BY,
        subject=Subject("incident", str(incident.pk)),
        correlation_id=f"incident-{incident.pk}",
        data=data,
    )
