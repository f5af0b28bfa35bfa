"""What the ledger is told of connections: their secrets and their pauses (IDN-05, F40)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog

from audit.domain.event import Actor, NewEvent, Subject
from governance.models import Connection

ITSELF = Actor("system", "connectors")
"""Who acts when a connector does something by itself."""


def connection_event(
    event_type: str,
    connection_id: UUID,
    *,
    actor: Actor,
    data: Mapping[str, Any],
    values: Mapping[str, Any] | None = None,
) -> NewEvent:
    """An event about one connection, under the correlation id of the work that it happened in. One query."""
    name, workspace = Connection.objects.values_list("name", "workspace__slug").get(pk=connection_id)
    bound = structlog.contextvars.get_contextvars().get("correlation_id")
    return NewEvent(
        type=event_type,
        workspace=workspace,
        actor=actor,
        subject=Subject("connection", str(connection_id)),
        correlation_id=str(bound or f"connection-{connection_id}")[:80],
        data={"connection": name, **data},
        values=dict(values or {}),
    )
