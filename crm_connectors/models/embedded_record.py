"""The embedded CRM's records, what happened to each field, and which operations were applied."""

from django.db import models

from crm_connectors.models.embedded_schema import CrmObject
from governance.models.connection import Connection


class CrmRecord(models.Model):
    """One record. `number` is its id in the CRM; `values` holds only fields that are not empty.

    `version` rises by one with every change and is the record's concurrency stamp. `title` repeats the value of the
    object's title field for lists. Written by `crm_connectors.embedded.write` and the demo loader alone.
    """

    object_name = ""  # a proxy's `CrmObject.name`

    crm_object = models.ForeignKey(CrmObject, on_delete=models.PROTECT, related_name="records")
    number = models.PositiveBigIntegerField()
    title = models.CharField(max_length=300, blank=True)
    values = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    associated_with = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="associated_records"
    )
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "CRM record"
        constraints = [
            models.UniqueConstraint(fields=["crm_object", "number"], name="crm_record_once"),
            models.CheckConstraint(condition=models.Q(version__gte=1, number__gte=1), name="crm_record_counts_up"),
        ]

    def __str__(self) -> str:
        return self.title or f"#{self.number}"


class CrmFieldChange(models.Model):
    """One change of one field: before, after, who, when, and by which operation (none for a person's edit)."""

    record = models.ForeignKey(CrmRecord, on_delete=models.PROTECT, related_name="changes")
    field = models.CharField(max_length=60)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    actor = models.CharField(max_length=200)
    at = models.DateTimeField()
    operation_key = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "field change"
        indexes = [models.Index(fields=["record", "field", "-id"], name="crm_field_change_by_field")]

    def __str__(self) -> str:
        return f"{self.field} of record {self.record_id}"


class AppliedOperation(models.Model):
    """The unique key that makes a repeat harmless: one row per operation, in the transaction that applied it."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="applied_operations")
    operation_key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, help_text="SHA-256 over what the operation asked for")
    record = models.ForeignKey(CrmRecord, on_delete=models.PROTECT, related_name="operations")
    version = models.PositiveIntegerField()
    actor = models.CharField(max_length=200)
    correlation_id = models.CharField(max_length=200, blank=True)
    applied_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "operation_key"], name="applied_operation_once")]

    def __str__(self) -> str:
        return self.operation_key
