"""LedgerEvent and what hangs on it before and beside the tree."""

from django.db import models

from audit.domain.body import MAX_NAME_LENGTH
from audit.domain.identifier import new_id


class LedgerEvent(models.Model):
    """One event for ever. `body` is the truth (RFC 8785 bytes); other columns repeat parts for search.

    `leaf_hash` is taken of the body when it is written, so that a bit that flips before sequencing is seen.
    Written by `audit.services.append` and the spool's import alone; triggers refuse UPDATE, DELETE and TRUNCATE.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    body = models.BinaryField()
    leaf_hash = models.BinaryField(max_length=32)
    type = models.CharField(max_length=MAX_NAME_LENGTH)
    workspace = models.CharField(max_length=MAX_NAME_LENGTH)
    actor_type = models.CharField(max_length=MAX_NAME_LENGTH)
    actor_id = models.CharField(max_length=MAX_NAME_LENGTH)
    subject_type = models.CharField(max_length=MAX_NAME_LENGTH)
    subject_id = models.CharField(max_length=MAX_NAME_LENGTH)
    correlation_id = models.CharField(max_length=MAX_NAME_LENGTH)
    at = models.DateTimeField()

    class Meta:
        verbose_name = "event"
        verbose_name_plural = "events"
        indexes = [  # each ends in `id`: keyset pages walk the index, newest first
            models.Index(fields=["type", "id"], name="ledger_event_type"),
            models.Index(fields=["workspace", "id"], name="ledger_event_workspace"),
            models.Index(fields=["actor_id", "id"], name="ledger_event_actor"),
            models.Index(fields=["subject_id", "id"], name="ledger_event_subject"),
            models.Index(fields=["correlation_id", "id"], name="ledger_event_correlation"),
            models.Index(fields=["at"], name="ledger_event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"


class PendingEvent(models.Model):
    """An event without a leaf. Filled by a trigger on the events, emptied by the sequencer; ids give the order."""

    # No foreign keys to events here and on leaves: the sequencer reads the very rows, events cannot be deleted, and
    # checking each again would lock event rows and cost more than the hashing.
    event = models.OneToOneField(LedgerEvent, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")

    def __str__(self) -> str:
        return str(self.event_id)


class ErasableValues(models.Model):
    """The values behind an event's commitments: canonical {name: {"salt", "value"}}. Deleting the row erases them."""

    event = models.OneToOneField(
        LedgerEvent, on_delete=models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="+"
    )
    content = models.BinaryField()

    class Meta:
        verbose_name_plural = "erasable values"

    def __str__(self) -> str:
        return str(self.event_id)
