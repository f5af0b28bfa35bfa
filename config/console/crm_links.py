"""From a connection to where its CRM is reached, and back: one entry of the sidebar for both (CON-06)."""

from typing import NamedTuple

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from crm_connectors.domain.endpoint_settings import RemoteSettings
from crm_connectors.models import ConnectionEndpoint
from crm_connectors.services.connectors import CONNECTOR_KINDS
from governance.models import Connection

_SCREEN = "admin:crm_connectors_connectionendpoint"


class CrmLinks(NamedTuple):
    """Addresses, empty where the person may not go or nothing is there: `all` lists every CRM that is set up."""

    connect: str = ""
    page: str = ""
    all: str = ""


def get_crm_links(request: HttpRequest, connection: Connection | None = None) -> CrmLinks:
    """For the list of connections, or for one. One query at most."""
    screen = admin.site._registry[ConnectionEndpoint]  # noqa: SLF001  # no public look-up
    may_look, may_connect = screen.has_view_permission(request), screen.has_add_permission(request)
    if connection is None:
        return CrmLinks(
            connect=reverse(f"{_SCREEN}_add") if may_connect else "",
            all=reverse(f"{_SCREEN}_changelist") if may_look else "",
        )
    row = ConnectionEndpoint.objects.filter(pk=connection.pk).first()
    if row is not None:
        may_open = screen.has_view_permission(request, row)
        return CrmLinks(page=reverse(f"{_SCREEN}_change", args=[row.pk]) if may_open else "")
    return CrmLinks(connect=_connect(connection) if may_connect and _is_elsewhere(connection.kind) else "")


def _is_elsewhere(kind: str) -> bool:
    found = CONNECTOR_KINDS.get(kind)
    return found is not None and issubclass(found.settings, RemoteSettings)


def _connect(connection: Connection) -> str:
    known = {"name": connection.name, "kind": connection.kind, "environment": connection.environment}
    known["workspace"] = str(connection.workspace_id)
    return f"{reverse(f'{_SCREEN}_add')}?{urlencode(known)}"
