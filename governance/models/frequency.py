"""Frequency caps: how often RevOps lets one person be touched (LIM-06)."""

from django.db import models
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.domain.vocabulary import Environment
from governance.models.agent import Agent
from governance.models.people import Person
from governance.models.workspace import Workspace


class FrequencyCap(models.Model):
    """One cap. `channels` and `stops_after` are lists of words, empty for all channels and for no stop rule. Only
    active caps are published; a manual stop of one person needs none."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="frequency_caps")
    key = models.SlugField(max_length=40, help_text="Never changes: decisions and counts refer to it")
    name = models.CharField(max_length=120)
    reason = models.CharField(max_length=400, help_text="Shown to reviewers and to the agent")
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="owned_frequency_caps")
    is_active = models.BooleanField(default=True)
    max_touches = models.PositiveSmallIntegerField(
        "touches at most", null=True, blank=True, help_text="For each person; empty: not counted; 0 allows none"
    )
    window_hours = models.PositiveSmallIntegerField("in any hours", default=0, help_text="24 for a day, 168 for a week")
    min_gap_hours = models.PositiveSmallIntegerField("hours between two", default=0)
    stops_after = models.JSONField(
        "none after", default=list, blank=True, help_text="Until a person resumes: nobody is touched any more"
    )
    channels = models.JSONField(default=list, blank=True, help_text="None chosen: whatever touches a person")
    agent = models.ForeignKey(
        Agent,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: all agents together, which is what keeps two of them from touching one person twice",
    )
    environment = models.CharField(
        max_length=10, blank=True, choices=[(item.value, item.value) for item in Environment], help_text="Empty: both"
    )
    segment_field = models.CharField(
        max_length=120, blank=True, help_text="Only people whose record holds in this field …"
    )
    segment_value = models.CharField(max_length=200, blank=True, help_text="… this value, or nothing")
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "key"], name="frequency_key_once"),
            models.UniqueConstraint(fields=["workspace", "name"], name="frequency_name_once"),
        ]

    def __str__(self) -> str:
        return self.name
