"""Whom we have reached before: one row for each address and each domain, from the first message on (APR-08)."""

from django.db import models

from audit.domain.identifier import new_id
from governance.models import Workspace


class Touched(models.Model):
    """`key` is the sha256 of a folded address or domain: enough to ask, nothing to read."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=64)
    first_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "touched"
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="touched_once")]

    def __str__(self) -> str:
        return self.key[:12]
