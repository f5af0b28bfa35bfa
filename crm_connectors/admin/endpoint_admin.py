"""Where connections are reached."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from crm_connectors.models import ConnectionEndpoint


@admin.register(ConnectionEndpoint)
class ConnectionEndpointAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    list_display = ("connection",)
    list_select_related = ("connection",)
