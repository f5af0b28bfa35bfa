"""Dumb failures on record: RevOps' own cases, and what each run showed (PRG-02)."""

from django.core.exceptions import ValidationError
from django.db import models
from simple_history.models import HistoricalRecords

from approvals.domain.dumb_failures import OUTCOMES
from audit.domain.identifier import new_id
from governance.models import Workspace


class DrillCase(models.Model):
    """One case of RevOps' own, run after the ten standard ones."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="drill_cases")
    name = models.CharField(max_length=120)
    story = models.TextField(help_text="What goes wrong, in a sentence")
    proposal = models.JSONField(help_text="The members of the proposal: action, target, changes …")
    target = models.CharField(max_length=60, blank=True, help_text="Fill in some record of this object")
    expected = models.JSONField(default=list, help_text="denied, approval, redirected, refused or allowed")
    control = models.CharField(
        max_length=120,
        blank=True,
        help_text="The check that is to stop it, such as validation or rule:prices; rule: is any rule, empty anything",
    )
    mended_by = models.TextField(blank=True, help_text="The rule, permission or prompt that was changed for it")
    history = HistoricalRecords()

    class Meta:
        verbose_name = "own dumb failure"
        verbose_name_plural = "own dumb failures"
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="drill_case_name")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if not isinstance(self.expected, list) or not self.expected or not set(self.expected) <= set(OUTCOMES):
            raise ValidationError({"expected": f"a list of one or more of {', '.join(OUTCOMES)}"})
        if not isinstance(self.proposal, dict) or not isinstance(self.proposal.get("target", {}), dict):
            raise ValidationError({"proposal": "a mapping, like a proposal of the API"})


class DrillRun(models.Model):
    """One run of all cases. `results` is a list of what was expected and what came, with the requests' ids."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="drill_runs")
    agent_name = models.CharField(max_length=80)
    by = models.CharField(max_length=120)
    run_at = models.DateTimeField()
    held = models.PositiveIntegerField(help_text="Cases in which policy held")
    total = models.PositiveIntegerField()
    results = models.JSONField()

    def __str__(self) -> str:
        return f"{self.held} of {self.total}"
