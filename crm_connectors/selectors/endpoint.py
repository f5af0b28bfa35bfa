"""Where a connection's CRM is reached."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from audit.selectors.kept_query import KeptQuery
from crm_connectors.models import ConnectionEndpoint


def get_endpoint_settings(connection_id: UUID) -> dict[str, Any]:
    """The plain settings of a connection's endpoint; empty when none were made. One query."""
    return dict(*_SETTINGS.fetch(connection_id))


def _list_settings(connection_id: UUID) -> QuerySet[ConnectionEndpoint, Any]:
    return ConnectionEndpoint.objects.filter(connection_id=connection_id).values_list("settings", flat=True)


_SETTINGS = KeptQuery(_list_settings)
