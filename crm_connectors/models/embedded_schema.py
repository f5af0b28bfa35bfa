"""The embedded CRM's own schema as rows, so that a person can change it and the registry must notice (REG-01)."""

from django.core.validators import RegexValidator
from django.db import models

from governance.domain.vocabulary import FieldType
from governance.models.connection import Connection

is_name = RegexValidator(r"\A[a-z][a-z0-9_]{0,59}\Z", "use lower-case letters, digits and underscores")


class CrmObject(models.Model):
    """One kind of record. `next_number` is the id of the next one; the row is the lock under which records are made."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="crm_objects")
    name = models.CharField(max_length=60, validators=[is_name])
    label = models.CharField(max_length=80)
    title_field = models.CharField(max_length=60, help_text="The field a record is called by")
    list_fields = models.JSONField(default=list, blank=True, help_text="Columns of its list, by field name")
    next_number = models.PositiveBigIntegerField(default=101, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = "CRM object"
        verbose_name_plural = "CRM objects"
        constraints = [models.UniqueConstraint(fields=["connection", "name"], name="crm_object_once")]

    def __str__(self) -> str:
        return self.label


class CrmField(models.Model):
    """One typed field. `options` are `[stored value, label]` pairs in order; `position` the order on the page."""

    crm_object = models.ForeignKey(CrmObject, on_delete=models.PROTECT, related_name="fields")
    name = models.CharField(max_length=60, validators=[is_name])
    label = models.CharField(max_length=120)
    field_type = models.CharField(
        max_length=20, choices=[(item.value, item.value) for item in FieldType], default=FieldType.STRING
    )
    is_required = models.BooleanField(default=False)
    is_read_only = models.BooleanField(default=False, help_text="Kept by the CRM itself; nobody writes it")
    max_length = models.PositiveIntegerField(null=True, blank=True)
    options = models.JSONField(default=list, blank=True)
    reference_object = models.CharField(max_length=60, blank=True, help_text="The object whose ids it holds")
    help_text = models.CharField(max_length=200, blank=True)
    section = models.CharField(max_length=60, blank=True, help_text="Its heading on a record's page")
    position = models.PositiveIntegerField(default=1000)

    class Meta:
        verbose_name = "CRM field"
        verbose_name_plural = "CRM fields"
        constraints = [
            models.UniqueConstraint(fields=["crm_object", "name"], name="crm_field_once"),
            models.CheckConstraint(
                condition=models.Q(field_type__in=[item.value for item in FieldType]), name="crm_field_type_known"
            ),
        ]

    def __str__(self) -> str:
        return self.label
