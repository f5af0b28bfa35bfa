"""Keeping the field registry true to the CRM's own schema (REG-01)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from crm_connectors.services.connectors import get_connector
from governance.services.registry import record_schema


def sync_schema(*, connection_id: UUID, now: datetime) -> None:
    """Ask the CRM for its schema and hand it to the registry, where new and changed fields become unreviewed.

    The CRM is asked before any transaction is open; the registry commits its own. Raises ConnectorError.
    """
    schema = get_connector(connection_id).describe()
    record_schema(connection_id=connection_id, schema=schema, now=now)


def sync_schemas(*, connection_ids: Iterable[UUID], now: datetime) -> tuple[UUID, ...]:
    """`sync_schema` for several connections, one after another; returns their ids. Raises ConnectorError."""
    done = tuple(sorted(connection_ids))
    for connection_id in done:
        sync_schema(connection_id=connection_id, now=now)
    return done
