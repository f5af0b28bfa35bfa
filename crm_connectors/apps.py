"""The hands: what reaches into CRMs."""

from django.apps import AppConfig


class CrmConnectorsConfig(AppConfig):
    name = "crm_connectors"
    verbose_name = "CRM"
    default_auto_field = "django.db.models.BigAutoField"
