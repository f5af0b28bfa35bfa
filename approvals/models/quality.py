"""Quality: requests drawn to be looked at again, who holds them, and how they were scored (QAS-01, QAS-02)."""

from django.db import models
from django.db.models import Q

from approvals.domain.scorecard import Severity, Verdict
from approvals.models.request import AgentActionRequest
from approvals.models.sampling import SamplingPeriod
from audit.domain.identifier import new_id
from governance.models import Agent, Person, Workspace


class QualitySample(models.Model):
    """One executed request that was drawn. `percent` and `reasons` say how likely that was, and why.

    While `reserved_until` lies ahead, one person has it before them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    request = models.OneToOneField(AgentActionRequest, on_delete=models.PROTECT, related_name="sample")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+", db_index=False)
    period = models.ForeignKey(SamplingPeriod, on_delete=models.PROTECT, related_name="samples")
    percent = models.PositiveSmallIntegerField()
    share = models.FloatField(help_text="Where its number fell, 0 to 100: below the percentage it is drawn")
    reasons = models.JSONField()
    drawn_at = models.DateTimeField(help_text="When it was executed")
    reserved_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    reserved_until = models.DateTimeField(null=True)
    scored_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "id"], name="sample_open", condition=Q(scored_at__isnull=True)),
            models.Index(fields=["workspace", "scored_at"], name="sample_scored", condition=Q(scored_at__isnull=False)),
            models.Index(fields=["reserved_by"], name="sample_reserved", condition=Q(scored_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"sample of {self.request_id}"


class SampledField(models.Model):
    """One field that the request wrote. `is_wrong` is what the scorer said of it; `field` is empty where the action
    wrote none."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sample = models.ForeignKey(QualitySample, on_delete=models.PROTECT, related_name="fields")
    object_type = models.CharField(max_length=60)
    field = models.CharField(max_length=120, blank=True)
    is_wrong = models.BooleanField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sample", "object_type", "field"], name="sampled_field_once")]

    def __str__(self) -> str:
        return f"{self.object_type}.{self.field}"


class QualityScore(models.Model):
    """One person's card on one sample, never changed. `version` is that of its questions."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sample = models.OneToOneField(QualitySample, on_delete=models.PROTECT, related_name="score")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    user_id_seen = models.CharField(max_length=40, help_text="The login that was used")
    version = models.PositiveSmallIntegerField()
    verdict = models.CharField(max_length=4, choices=[(item.value, item.value) for item in Verdict])
    severity = models.CharField(max_length=10, blank=True, choices=[(item.value, item.value) for item in Severity])
    scored_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict="pass", severity="") | (Q(verdict="fail") & ~Q(severity="")),
                name="score_severity",
            )
        ]

    def __str__(self) -> str:
        return f"{self.verdict} {self.sample_id}"


class QualityAnswer(models.Model):
    """One line of a card."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    score = models.ForeignKey(QualityScore, on_delete=models.PROTECT, related_name="answers")
    key = models.CharField(max_length=40)
    dimension = models.CharField(max_length=40)
    verdict = models.CharField(max_length=4, choices=[(item.value, item.value) for item in Verdict])
    note = models.CharField(max_length=2_000, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["score", "key"], name="answer_once")]

    def __str__(self) -> str:
        return f"{self.key}: {self.verdict}"
