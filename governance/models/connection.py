"""Connection: one CRM account in one environment. Its endpoint and secrets live in `crm_connectors`."""

from django.db import models
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.domain.vocabulary import Environment
from governance.models.plain_name import name_is_seen
from governance.models.workspace import Workspace


class Connection(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="connections")
    name = models.SlugField(max_length=60)
    kind = models.CharField(max_length=30, help_text="Which connector serves it: embedded, hubspot …")
    environment = models.CharField(max_length=20, choices=[(item.value, item.value) for item in Environment])
    is_active = models.BooleanField(default=True)
    brand = models.CharField(
        max_length=60,
        blank=True,
        help_text="The brand it speaks for; empty: all do-not-contact entries hold",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="connection_name"),
            name_is_seen("connection_name_is_seen"),
        ]

    def __str__(self) -> str:
        return self.name
