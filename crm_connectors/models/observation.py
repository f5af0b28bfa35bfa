"""What CRMs tell of changes: observed once each, and compared with our attempts by whoever looks (drift)."""

from django.db import models

from audit.domain.identifier import new_id
from governance.models import Connection


class ChangeWatch(models.Model):
    """One object of one connection whose changes are read, by whom and when they were made.

    From `since` on; `reached_at` and `reached_id` are how far the CRM's list of changed records was followed, by the
    CRM's own clock. `next_look_at` moves on while a worker looks. `problem` is why the last look failed, a connector's
    code; empty when it did not. `own_writers`: how this CRM's history names our credential. `missing_fields`: governed
    ones that the CRM did not have at the last look."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="change_watches")
    object_type = models.CharField(max_length=60)
    since = models.DateTimeField()
    reached_at = models.DateTimeField()
    reached_id = models.CharField(max_length=120, blank=True)
    next_look_at = models.DateTimeField(db_index=True)
    looked_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=60, blank=True)
    own_writers = models.JSONField(default=list)
    missing_fields = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "object_type"], name="change_watch_once")]

    def __str__(self) -> str:
        return f"changes of {self.object_type}"


class RecordNews(models.Model):
    """A record that a webhook speaks of: its history is read at once, and the row goes. Told twice is one row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+")
    object_type = models.CharField(max_length=60)
    record_id = models.CharField(max_length=120)
    told_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "object_type", "record_id"], name="record_news_once")
        ]

    def __str__(self) -> str:
        return f"news of {self.object_type} {self.record_id}"


class ObservedChange(models.Model):
    """One change of one field as the CRM told it, never changed again. An empty `field`: of the record, no more said.

    No value: `value_print` tells whether it is what was sent. `digest` is made of what the CRM says, so that the same
    change is one row however often and in which order it is told."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+", db_index=False)
    object_type = models.CharField(max_length=60)
    record_id = models.CharField(max_length=120)
    field = models.CharField(max_length=120, blank=True)
    value_print = models.CharField(max_length=64)
    writer = models.CharField(max_length=200, blank=True)
    actor = models.CharField(max_length=200, blank=True)
    operation_key = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    was_told = models.BooleanField(default=False, help_text="A webhook spoke of its record")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "digest"], name="observed_change_once")]
        indexes = [models.Index(fields=["connection", "seen_at"], name="observed_change_by_time")]

    def __str__(self) -> str:
        return f"{self.object_type} {self.record_id} {self.field}".strip()
