"""Integration: a system of the company that may do one thing over the API, and nothing that an agent does (DNC-04)."""

from django.core.exceptions import ValidationError
from django.db import models
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.domain.scopes import INTEGRATION_SCOPES, are_integration_scopes
from governance.models.people import Person
from governance.models.plain_name import name_is_seen
from governance.models.workspace import Workspace


class Integration(models.Model):  # type: ignore[django-manager-missing]  # of Credential, whose base has no types
    """A system identity with an accountable owner: it speaks as `system` in the ledger. Inactive, it opens no door."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="integrations")
    name = models.CharField(max_length=80, unique=True, help_text="Like integration.mail-provider")
    owner = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="owned_integrations", help_text="The person who answers for it"
    )
    scopes = models.JSONField(default=list, help_text=f"What it may do: {', '.join(INTEGRATION_SCOPES)}")
    is_active = models.BooleanField(default=True, help_text="Switched off, its tokens end at once")
    created_at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="integration_has_a_name"),
            name_is_seen("integration_name_is_seen"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """The list of scopes is closed: what agents may do is not on it."""
        if not are_integration_scopes(self.scopes):
            raise ValidationError({"scopes": f"an integration may hold: {', '.join(INTEGRATION_SCOPES)}"})
