"""The inventory: systems that read and write the CRM's fields, and the paths by which they write (REG-10)."""

from django.db import models
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.domain.vocabulary import WritePathKind
from governance.models.connection import Connection
from governance.models.workspace import Workspace


class System(models.Model):
    """One system beside the agents. `reads` and `writes` are places: `object.field`, or `object`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="systems")
    name = models.CharField(max_length=80)
    purpose = models.CharField(max_length=200, blank=True)
    reads = models.JSONField(default=list, blank=True)
    writes = models.JSONField(default=list, blank=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="system_name")]

    def __str__(self) -> str:
        return self.name


class WritePath(models.Model):
    """One way by which a field changes without a person's hand: what sets it off, and what it changes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="write_paths")
    name = models.CharField(max_length=120)
    kind = models.CharField(
        max_length=20, choices=[(item.value, item.value.replace("_", " ")) for item in WritePathKind]
    )
    system = models.ForeignKey(System, on_delete=models.PROTECT, null=True, blank=True, related_name="paths")
    triggers = models.JSONField("set off by", default=list, blank=True)
    changes = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(default=True, help_text="An inactive path is kept and counts for nothing")
    history = HistoricalRecords()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "name"], name="write_path_name")]

    def __str__(self) -> str:
        return self.name
