"""Where a connection's CRM is reached: the half of a connection that policy has no business with."""

from django.db import models

from governance.models import ChangeProposal
from governance.models.connection import Connection


class ConnectionEndpoint(models.Model):
    """Plain settings of one connection (address, account, time limits); never a secret. The embedded CRM needs none.

    `wanted` are the settings that `change` puts before a second person: another address of a production connection.
    """

    connection = models.OneToOneField(Connection, on_delete=models.PROTECT, related_name="endpoint", primary_key=True)
    settings = models.JSONField(default=dict, blank=True)
    wanted = models.JSONField(null=True, editable=False)
    change = models.OneToOneField(ChangeProposal, on_delete=models.PROTECT, null=True, editable=False, related_name="+")

    class Meta:
        verbose_name = "CRM set-up"
        verbose_name_plural = "CRM set-up"

    def __str__(self) -> str:
        return f"endpoint of {self.connection_id}"
