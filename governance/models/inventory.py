"""The inventory: systems that read and write the CRM's fields, and the paths by which they write (REG-10)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.domain.vocabulary import WritePathKind
from governance.models.connection import Connection
from governance.models.registry import RegisteredField
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

    def clean(self) -> None:
        """Places are registered at one of the workspace's connections."""
        fields = RegisteredField.objects.filter(connection__workspace=self.workspace_id)
        _ensure_known(fields, {"reads": self.reads, "writes": self.writes})


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
        verbose_name_plural = "what can change it"
        constraints = [models.UniqueConstraint(fields=["connection", "name"], name="write_path_name")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Places are registered at the connection: a misspelt one would hide what it stands for."""
        fields = RegisteredField.objects.filter(connection=self.connection_id)
        _ensure_known(fields, {"triggers": self.triggers, "changes": self.changes})


def _ensure_known(fields: models.QuerySet[RegisteredField], places: dict[str, list[Any]]) -> None:
    """Raises ValidationError by column for places that the registry does not know."""
    named = list(fields.values_list("object_type", "name"))
    known = {f"{object_type}.{name}" for object_type, name in named} | {object_type for object_type, _ in named}
    problems = {}
    for column, wanted in places.items():
        unknown = sorted({str(place) for place in wanted if not isinstance(place, str) or place not in known})
        if unknown:
            problems[column] = f"{', '.join(unknown)}: not in the field registry; write object.field, or the object"
    if problems:
        raise ValidationError(problems)
