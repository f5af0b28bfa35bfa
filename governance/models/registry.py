"""The field registry: what the CRM's schema says, what people reviewed, and the Revenue 20 (REG-01/02/08)."""

from django.core.exceptions import ValidationError
from django.db import models
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.domain.commitment import OPEN_LEVELS, becomes_guarded
from governance.domain.vocabulary import Classification, FieldType, ReviewState
from governance.models.connection import Connection
from governance.models.workspace import Workspace

_BLOCK_FIRST = "block it in the matrix first, then two people open it as stage or lifecycle"


class RevenueField(models.Model):
    """REG-02: one of the twenty fields that revenue decisions hang on, with its name in each kind of CRM."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="revenue_fields")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    names_by_kind = models.JSONField(default=dict, blank=True, help_text="Its name in each kind of CRM")
    owner_role = models.CharField(max_length=80, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name_plural = "Revenue 20"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="revenue_field_name"),
            models.UniqueConstraint(fields=["workspace", "position"], name="revenue_field_position"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """No name makes what agents may write stage or lifecycle: opening those takes two people."""
        before = RevenueField.objects.filter(pk=self.pk).values_list("name", flat=True).first()
        if before is None or before == self.name or becomes_guarded("", before):
            return
        names = self.fields.filter(ownership__permission_level__in=OPEN_LEVELS).values_list("name", flat=True)
        if any(becomes_guarded(name, self.name) for name in names):
            raise ValidationError({"name": f"a field behind it is open to agents: {_BLOCK_FIRST}"})


class RegisteredField(models.Model):
    """One field of the CRM's schema. New and changed ones are unreviewed, and unreviewed denies agent writes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="fields")
    object_type = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    label = models.CharField(max_length=200)
    field_type = models.CharField(max_length=20, choices=[(item.value, item.value) for item in FieldType])
    options = models.JSONField(default=list, blank=True)
    option_labels = models.JSONField(
        default=dict, blank=True, help_text="What people read for stored values, where that is something else"
    )
    is_read_only = models.BooleanField(default=False)
    is_required = models.BooleanField(default=False)
    max_length = models.PositiveIntegerField(null=True, blank=True)
    review_state = models.CharField(
        max_length=20, choices=[(item.value, item.value) for item in ReviewState], default=ReviewState.UNREVIEWED
    )
    classification = models.CharField(
        max_length=30,
        choices=[(item.value, item.value) for item in Classification],
        default=Classification.UNCLASSIFIED,
    )
    is_sensitive = models.BooleanField(default=False, help_text="Masked in governed reads")
    was_reviewed = models.BooleanField(
        default=False, help_text="Reviewed once: from then on, what changes or goes denies before the next publishing"
    )
    gone_seen_at = models.DateTimeField(null=True, blank=True, help_text="When a person saw that it is gone")
    revenue_field = models.ForeignKey(
        RevenueField, on_delete=models.SET_NULL, null=True, blank=True, related_name="fields"
    )
    history = HistoricalRecords()

    # What the CRM says, and whether a person looked at that, is not set back with the row's history.
    OWN_WAY = (
        "label", "field_type", "options", "option_labels", "is_read_only", "is_required", "max_length",
        "review_state", "was_reviewed", "gone_seen_at",
    )  # fmt: skip

    class Meta:
        verbose_name_plural = "field registry"
        constraints = [
            models.UniqueConstraint(fields=["connection", "object_type", "name"], name="registered_field_once")
        ]
        indexes = [
            models.Index(
                fields=["connection", "object_type"],
                condition=models.Q(was_reviewed=True) & ~models.Q(review_state="reviewed"),
                name="registered_field_closed",
            )
        ]

    def __str__(self) -> str:
        return f"{self.object_type}.{self.name}"

    def clean(self) -> None:
        """Whether the CRM has the field is for its schema to say: no edit brings a field back or makes it gone. What
        agents may write does not become stage or lifecycle by an edit: opening those takes two people."""
        known = ("review_state", "revenue_field_id", "ownership__permission_level")
        found = RegisteredField.objects.filter(pk=self.pk).values_list(*known).first()
        if found is None:
            return
        before, mapped_to, level = found
        if (before == ReviewState.GONE) != (self.review_state == ReviewState.GONE):
            raise ValidationError({"review_state": f"`{self}`: only the CRM's schema says what is gone"})
        is_remapped = self.revenue_field is not None and self.revenue_field_id != mapped_to
        if is_remapped and level in OPEN_LEVELS and becomes_guarded(self.name, str(self.revenue_field)):
            raise ValidationError({"revenue_field": f"`{self}` is open to agents: {_BLOCK_FIRST}"})


class StageRequirement(models.Model):
    """REG-08: a record may hold this stage only with these fields filled."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="stage_requirements")
    object_type = models.CharField(max_length=60)
    stage_field = models.CharField(max_length=120)
    stage = models.CharField(max_length=120)
    required_fields = models.JSONField(default=list)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "object_type", "stage_field", "stage"], name="stage_requirement_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.object_type}.{self.stage_field}={self.stage}"


class StageTransition(models.Model):
    """REG-08: from this stage a record goes to these alone. The first row of a stage field closes all other ways."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="stage_transitions")
    object_type = models.CharField(max_length=60)
    stage_field = models.CharField(max_length=120)
    from_stage = models.CharField(max_length=120, blank=True, help_text="Empty: a record that holds no stage yet")
    to_stages = models.JSONField("next stages", default=list, blank=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "object_type", "stage_field", "from_stage"], name="stage_transition_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.object_type}.{self.stage_field} from {self.from_stage or 'empty'}"
