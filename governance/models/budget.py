"""Budgets: how much may be done in a window (policy), and what is taken of it (live counters) (LIM-01)."""

from django.db import models
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.domain.budget_window import a_window
from governance.domain.vocabulary import BudgetKey, BudgetUnit, BudgetWindow
from governance.models.workspace import Workspace


class Budget(models.Model):
    """One size. Bites once it is published; lowering it bites at the claim of what was decided before."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="budgets")
    unit = models.CharField(
        max_length=20,
        choices=[(item.value, item.value.replace("_", " ")) for item in BudgetUnit],
        help_text="What is counted",
    )
    key = models.CharField(
        "for each",
        max_length=20,
        choices=[(item.value, item.value.replace("_", " ")) for item in BudgetKey],
        help_text="What it is counted by",
    )
    window = models.CharField(
        max_length=10,
        choices=[(item.value, item.value) for item in BudgetWindow],
        help_text="Begins on the minute, the hour or the day of UTC",
    )
    limit = models.PositiveBigIntegerField(help_text="For spend in millionths of the currency; 0 allows nothing")
    scope = models.CharField(
        "only for",
        max_length=254,
        blank=True,
        help_text="One agent, mailbox, domain …; it then stands in the place of the budget for all",
    )
    segment_field = models.CharField(
        max_length=120, blank=True, help_text="For a budget by segment: the field of the record that holds it"
    )
    currency = models.CharField(max_length=3, blank=True, help_text="For spend: like USD")
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "unit", "key", "window", "scope", "segment_field", "currency"], name="budget_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.limit} {self.unit} {a_window(self.window)} for {self.scope or f'each {self.key}'}"


class BudgetCounter(models.Model):
    """What is taken from one budget in one window. `id` is a digest of all that names it, so that nobody looks it up.

    Written by `governance.services.budgets` alone. `cap` is the limit that the last reservation was held against.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=20)
    value = models.CharField(max_length=400)
    unit = models.CharField(max_length=20)
    window = models.CharField(max_length=10)
    starts_at = models.DateTimeField()
    used = models.PositiveBigIntegerField()
    cap = models.PositiveBigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["starts_at", "workspace"], name="budget_counter_by_start"),
            models.Index(fields=["value", "starts_at"], name="budget_counter_by_value"),
        ]

    def __str__(self) -> str:
        return f"{self.used}/{self.cap} {self.unit} of {self.value}"
