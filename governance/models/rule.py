"""What RevOps writes without code: rules, their lists, lawful bases (POL-04, CNT-03, CNT-04, CNT-06)."""

from django.db import models
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.domain.rule_terms import AppliesTo, Basis, Effect, ListKind
from governance.domain.rule_words import APPLIES_WORDS, BASIS_WORDS, EFFECT_WORDS, LIST_KIND_WORDS
from governance.domain.vocabulary import RiskTier
from governance.models.people import ApproverGroup, Person
from governance.models.workspace import Workspace


class RuleList(models.Model):
    """A named list. `entries` is a list of texts; `includes` are lists whose entries count too."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="rule_lists")
    slug = models.SlugField("name", max_length=60, help_text="How rules refer to it")
    title = models.CharField(max_length=120)
    kind = models.CharField("holds", max_length=20, choices=[(item.value, LIST_KIND_WORDS[item]) for item in ListKind])
    entries = models.JSONField(default=list, blank=True)
    includes = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="included_in")
    history = HistoricalRecords(m2m_fields=[includes])

    class Meta:
        verbose_name = "list"
        constraints = [models.UniqueConstraint(fields=["workspace", "slug"], name="rule_list_once")]

    def __str__(self) -> str:
        return self.title


class Rule(models.Model):
    """One rule. `actions`, `objects` and `fields` are lists of names, empty for any; `conditions` is a list of
    `governance.domain.rule.Condition` as JSON. Only active rules are published."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="rules")
    key = models.SlugField(max_length=60, help_text="Never changes: decisions and counts refer to it")
    name = models.CharField(max_length=120)
    reason = models.CharField(max_length=400, help_text="Shown to reviewers and to the agent")
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="owned_rules")
    is_active = models.BooleanField(default=True)
    applies_to = models.CharField(
        max_length=10,
        choices=[(item.value, APPLIES_WORDS[item]) for item in AppliesTo],
        default=AppliesTo.AGENTS,
    )
    actions = models.JSONField(default=list, blank=True)
    objects_named = models.JSONField(default=list, blank=True)
    fields_named = models.JSONField(default=list, blank=True)
    conditions = models.JSONField(default=list, blank=True)
    effect = models.CharField(
        max_length=12, choices=[(item.value, EFFECT_WORDS[item]) for item in Effect], default=Effect.APPROVAL
    )
    groups = models.ManyToManyField(ApproverGroup, blank=True, related_name="rules_asking_all")
    any_groups = models.ManyToManyField(ApproverGroup, blank=True, related_name="rules_asking_any")
    count = models.PositiveSmallIntegerField("people", default=1, help_text="Distinct people in all")
    tier = models.CharField(
        max_length=20,
        blank=True,
        choices=[(t.value, t.value) for t in (RiskTier.GATED, RiskTier.APPROVAL, RiskTier.BLOCKED)],
    )
    history = HistoricalRecords(m2m_fields=[groups, any_groups])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "key"], name="rule_key_once"),
            models.UniqueConstraint(fields=["workspace", "name"], name="rule_name_once"),
            models.CheckConstraint(condition=models.Q(count__gte=1, count__lte=20), name="rule_people"),
        ]

    def __str__(self) -> str:
        return self.name


class LawfulBasis(models.Model):
    """CNT-06: on which basis people of one region or segment are written about and to. `none`: on no basis at all."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="lawful_bases")
    object_type = models.CharField("object", max_length=60, help_text="Such as contacts")
    field = models.CharField(max_length=120, help_text="Such as country")
    value = models.CharField(max_length=200, help_text="Such as Germany")
    basis = models.CharField(max_length=24, choices=[(item.value, BASIS_WORDS[item]) for item in Basis])
    note = models.CharField(max_length=400, blank=True, help_text="Where the assessment is kept")
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    history = HistoricalRecords()

    class Meta:
        verbose_name_plural = "lawful bases"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "object_type", "field", "value", "basis"], name="lawful_basis_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.object_type}: {self.field} = {self.value}"


class RuleTally(models.Model):
    """How often a rule matched, counted from the ledger's decisions: a projection that may be thrown away."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    key = models.SlugField(max_length=60)
    hits = models.PositiveBigIntegerField(default=0)
    last_hit_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="rule_tally_once")]

    def __str__(self) -> str:
        return f"{self.key}: {self.hits}"


class RuleTallyMark(models.Model):
    """Up to which ledger event a workspace's decisions have been counted."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, primary_key=True, related_name="+")
    event_id = models.UUIDField()

    def __str__(self) -> str:
        return str(self.event_id)
