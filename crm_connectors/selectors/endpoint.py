"""Where a connection's CRM is reached."""

from typing import Any
from uuid import UUID

from crm_connectors.models import ConnectionEndpoint


def get_endpoint_settings(connection_id: UUID) -> dict[str, Any]:
    """The plain settings of a connection's endpoint; empty when none were made. One query."""
    row = ConnectionEndpoint.objects.filter(connection_id=connection_id).values_list("settings", flat=True).first()
    return dict(row or {})
