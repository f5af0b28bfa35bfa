"""RetentionRule and LegalHold: how long values in the ledger live, and what keeps them longer (AUD-07)."""

from django.db import models

from audit.domain.identifier import new_id
from governance.models.change import ChangeProposal
from governance.models.people import Person
from governance.models.workspace import Workspace


class RetentionRule(models.Model):
    """Erasable values of events of one class (the first word of their type) live so many days; without it, for ever."""

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    event_class = models.CharField(max_length=40)
    days = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "event_class"], name="retention_once_a_class"),
            models.CheckConstraint(condition=models.Q(days__gte=1), name="retention_a_day_at_least"),
        ]

    def __str__(self) -> str:
        return f"{self.event_class} {self.days} days"


class LegalHold(models.Model):
    """Nothing is erased of what it covers until two people lift it. `term` is the search term of a person or a record,
    which holds no address; `subject_id` is a request or an exception case."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=[(name, name) for name in ("person", "record", "case")])
    term = models.BigIntegerField(null=True)
    subject_id = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=80, help_text="What people call it: the name of the matter, never the person's")
    placed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    placed_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifting = models.ForeignKey(ChangeProposal, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="legal_hold_name"),
            models.CheckConstraint(
                condition=models.Q(lifted_at__isnull=True, lifting__isnull=True)
                | models.Q(lifted_at__isnull=False, lifting__isnull=False),
                name="legal_hold_lifted_by_two",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="case", term__isnull=True) & ~models.Q(subject_id="")
                | models.Q(kind__in=["person", "record"], term__isnull=False, subject_id=""),
                name="legal_hold_covers_something",
            ),
        ]

    def __str__(self) -> str:
        return self.name
