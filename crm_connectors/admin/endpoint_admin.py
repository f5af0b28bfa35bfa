"""Where connections are reached."""

from django.contrib import admin

from crm_connectors.admin.schema_access import WorkspaceSchemaAdmin
from crm_connectors.models import ConnectionEndpoint


@admin.register(ConnectionEndpoint)
class ConnectionEndpointAdmin(WorkspaceSchemaAdmin):
    """Plain settings, never a secret; who answers for agents and their connections changes them."""

    change = "manage_agents"
    list_display = ("connection",)
    list_select_related = ("connection",)
