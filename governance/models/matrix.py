"""FieldOwnership: one row of the ownership matrix (REG-03/05)."""

from django.core.exceptions import ValidationError
from django.db import models
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.domain.commitment import is_guarded_name, is_opened
from governance.domain.vocabulary import PermissionLevel, RollbackMethod, ValueFormat
from governance.models.people import Person
from governance.models.registry import RegisteredField


class FieldOwnership(models.Model):
    """Who owns a registered field, who may write it, and where an agent's value goes instead."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    field = models.OneToOneField(RegisteredField, on_delete=models.PROTECT, related_name="ownership")
    owner_role = models.CharField(
        "owner group", max_length=80, blank=True, help_text="The approver group that reviews changes when one is needed"
    )
    owner_person = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="owned_fields"
    )
    source_of_truth = models.CharField(
        max_length=80, blank=True, help_text="CRM, agent, or the system that agents then leave it to"
    )
    permission_level = models.CharField(
        max_length=20, choices=[(item.value, item.value) for item in PermissionLevel], default=PermissionLevel.BLOCKED
    )
    allowed_writers = models.JSONField(default=list, blank=True, help_text="Who may write it at all")
    is_golden = models.BooleanField(default=False, help_text="Changes by one named path only; agents suggest")
    review_required = models.BooleanField(default=False)
    suggestion_field = models.ForeignKey(
        RegisteredField, on_delete=models.SET_NULL, null=True, blank=True, related_name="suggests_for"
    )
    promote_on_approval = models.BooleanField(
        default=False,
        help_text="Approving an agent's suggestion for it writes the field itself too, in the approver's name",
    )
    refresh_after_days = models.FloatField(
        "fresh for days", null=True, blank=True, help_text="So long after its last write agents leave the field alone"
    )
    rollback_method = models.CharField(
        "rollback",
        max_length=80,
        choices=[(item.value, item.value.replace("_", " ")) for item in RollbackMethod],
        default=RollbackMethod.REVERT,
        help_text="Anything but revert takes a person's approval each time",
    )
    value_format = models.CharField(
        "format",
        max_length=20,
        blank=True,
        choices=[(item.value, item.value.replace("_", " ")) for item in ValueFormat if item],
        help_text="What a text must look like beyond its type",
    )
    min_value = models.FloatField("least value", null=True, blank=True)
    max_value = models.FloatField("greatest value", null=True, blank=True)
    components_field = models.CharField(
        max_length=120, blank=True, help_text="For a score: the field that says what it is made of"
    )
    version_field = models.CharField(
        max_length=120, blank=True, help_text="For a score: the field that says what computed it"
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name_plural = "ownership matrix"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(suggestion_field__isnull=True) | ~models.Q(suggestion_field=models.F("field")),
                name="suggestion_is_another_field",
            )
        ]

    def __str__(self) -> str:
        """The field's name where it is at hand: a name is not worth a query."""
        return str(self.field) if "field" in self._state.fields_cache else f"ownership of {self.field_id}"

    def clean(self) -> None:
        """Stage and lifecycle fields are opened to agents by two people, never by an edit or a revert."""
        kept = FieldOwnership.objects.filter(pk=self.pk).values_list("permission_level", flat=True).first()
        field = RegisteredField.objects.select_related("revenue_field").filter(pk=self.field_id).first()
        if field is None:
            return
        revenue_field = field.revenue_field.name if field.revenue_field is not None else ""
        if is_guarded_name(field.name, revenue_field) and is_opened(
            kept or PermissionLevel.BLOCKED.value, self.permission_level
        ):
            raise ValidationError("opening stage or lifecycle to agents takes a second person: propose it")
