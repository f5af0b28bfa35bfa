"""Agents: one principal each, with an accountable owner, a purpose and a lifecycle (IDN-01, IDN-06)."""

from django.core.exceptions import ValidationError
from django.db import models
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.domain.agent_rights import RIGHT_WORDS
from governance.domain.autonomy import is_raise
from governance.domain.lifecycle import is_step
from governance.domain.vocabulary import AutonomyLevel, Lifecycle
from governance.models.people import Person
from governance.models.plain_name import name_is_seen
from governance.models.workspace import Workspace


class Agent(models.Model):  # type: ignore[django-manager-missing]  # of Credential, whose base has no types
    """One principal with an accountable owner. Its lifecycle and autonomy bite at once, without publishing. People may
    hold rights for it alone, as object permissions (django-guardian)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="agents")
    name = models.CharField(max_length=80, unique=True, help_text="Like agent.enrichment")
    owner = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="owned_agents", help_text="The person who answers for it"
    )
    purpose = models.TextField(help_text="What it is for, in a sentence or two")
    lifecycle = models.CharField(
        max_length=20, choices=[(item.value, item.value) for item in Lifecycle], default=Lifecycle.DRAFT
    )
    autonomy_level = models.CharField(
        max_length=20, choices=[(item.value, item.value) for item in AutonomyLevel], default=AutonomyLevel.MANUAL
    )
    is_drill = models.BooleanField(
        default=False,
        editable=False,
        help_text="Only sends dumb failures: it gets no credential to keep, and nothing it asks for is executed",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [name_is_seen("agent_name_is_seen")]
        permissions = [(right.value, f"For one agent: {words}") for right, words in RIGHT_WORDS.items()]

    OWN_WAY = frozenset({"autonomy_level", "lifecycle"})  # changed by their services alone, never by an edit or revert

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """No form and no revert raises the autonomy level or takes a step that the lifecycle does not know."""
        kept = Agent.objects.filter(pk=self.pk).values_list("autonomy_level", "lifecycle").first()
        level, lifecycle = kept or (AutonomyLevel.MANUAL.value, Lifecycle.DRAFT.value)
        if is_raise(level, self.autonomy_level):
            raise ValidationError("raising an autonomy level takes a second person: propose it on the agent's page")
        if lifecycle != self.lifecycle and not is_step(lifecycle, self.lifecycle):
            raise ValidationError(f"an agent does not go from `{lifecycle}` to `{self.lifecycle}`")


class AgentVersion(models.Model):
    """IDN-03: what the agent was when it asked. `fingerprint` is a sha256 over model, prompt template and tools."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="versions")
    fingerprint = models.CharField(max_length=71)
    model = models.CharField(max_length=120)
    prompt_template = models.CharField(max_length=120)
    prompt_hash = models.CharField(max_length=71)
    tools_hash = models.CharField(max_length=71)
    first_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "fingerprint"], name="agent_version_once")]

    def __str__(self) -> str:
        return self.fingerprint
