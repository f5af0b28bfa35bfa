"""PolicyIndex: a published document as dictionaries: a decision costs the same under ten rules and ten thousand."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import itemgetter

from governance.domain.anomaly import AnomalyTable, make_anomaly_table
from governance.domain.breaker import BreakerTable, make_breaker_table
from governance.domain.budget_table import BudgetTable, make_budget_table
from governance.domain.document import (
    ActionRule,
    FieldRule,
    GrantRule,
    PolicyDocument,
    ProvenanceRule,
    StageRule,
    TransitionRule,
)
from governance.domain.field_plan import FieldPlan, plan_field
from governance.domain.field_roles import is_site, is_there, list_companies, list_contacts
from governance.domain.frequency_table import FrequencyTable, make_frequency_table
from governance.domain.judged import Judged
from governance.domain.provenance_mapping import mapped_fields
from governance.domain.rule_book import RuleBook, make_book

GrantKey = tuple[str, str, str, str, str]
"""agent, connection, environment, object, action"""


@dataclass(frozen=True, slots=True)
class GrantEntry:
    rule: GrantRule
    read_fields: frozenset[str]
    write_fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class ObjectEntry:
    """One object of one connection. `stages` is stage field → stage → required fields, `transitions` stage
    field → stage → next stages, `scores` field → the fields that explain it, `suggested` suggestion field → the field
    that it stands for, `signed` are the provenance fields, `signatures` (member, field) those of them that exist, by
    field. `has_windows` says that some field stays fresh for a while, `there` are the fields that the CRM still has,
    `contacts`, `companies` and `sites` those with addresses (see `field_roles`). `plans` fills as fields are asked for:
    a plan is a pure function of its rule, so that two threads at once only do the same work twice.
    """

    fields: Mapping[str, FieldRule]
    required_fields: tuple[str, ...]
    stages: Mapping[str, Mapping[str, tuple[str, ...]]]
    transitions: Mapping[str, Mapping[str, tuple[str, ...]]]
    scores: Mapping[str, tuple[str, ...]]
    suggested: Mapping[str, str]
    provenance: ProvenanceRule | None = None
    signed: frozenset[str] = frozenset()
    signatures: tuple[tuple[str, str], ...] = ()
    has_windows: bool = False
    there: frozenset[str] = frozenset()
    contacts: tuple[tuple[str, str], ...] = ()
    companies: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    plans: dict[tuple[str, Judged], FieldPlan] = field(default_factory=dict)

    def plan(self, name: str, judged: Judged) -> FieldPlan | None:
        """The field's plan, None for a field that the registry does not know."""
        plan = self.plans.get((name, judged))
        if plan is None and (rule := self.fields.get(name)) is not None:
            plan = self.plans[name, judged] = plan_field(rule, judged)
        return plan


@dataclass(frozen=True, slots=True)
class PolicyIndex:
    """`version` is the digest of the document's canonical bytes. Shared between threads; never changed."""

    version: str
    workspace: str
    grants: Mapping[GrantKey, GrantEntry]
    objects: Mapping[tuple[str, str], ObjectEntry]
    actions: Mapping[str, ActionRule]
    rules: RuleBook
    reachable: frozenset[tuple[str, str, str, str]]
    """agent, connection, environment, object: where any grant lets an agent do anything"""
    budgets: BudgetTable
    breakers: BreakerTable
    frequency: FrequencyTable
    anomalies: AnomalyTable


def compile_index(document: PolicyDocument, *, version: str) -> PolicyIndex:
    """Index a document. `version` is its digest. Of two rules with one key the later one would win silently, so that
    raises ValueError: `governance.services.compile` never publishes such a document.
    """
    fields: defaultdict[tuple[str, str], list[FieldRule]] = defaultdict(list)
    stages: defaultdict[tuple[str, str], list[StageRule]] = defaultdict(list)
    for rule in document.fields:
        fields[rule.connection, rule.object].append(rule)
    for stage in document.stages:
        stages[stage.connection, stage.object].append(stage)
    transitions: defaultdict[tuple[str, str], list[TransitionRule]] = defaultdict(list)
    for transition in document.transitions:
        transitions[transition.connection, transition.object].append(transition)
    provenance = {(rule.connection, rule.object): rule for rule in document.provenance}
    index = PolicyIndex(
        version=version,
        workspace=document.workspace,
        grants={grant_key(grant): _grant_entry(grant) for grant in document.grants},
        objects={
            key: _object_entry(rules, stages.get(key, []), transitions.get(key, []), provenance.get(key))
            for key, rules in fields.items()
        },
        actions={rule.action: rule for rule in document.actions},
        rules=make_book(document.rules, document.lists, document.bases),
        reachable=frozenset(grant_key(grant)[:4] for grant in document.grants),
        budgets=make_budget_table(document.budgets),
        breakers=make_breaker_table(document.breakers),
        frequency=make_frequency_table(document.frequency),
        anomalies=make_anomaly_table(document.anomalies),
    )
    known = sum(len(entry.fields) for entry in index.objects.values())
    if (len(index.grants), known, len(index.actions), len(index.breakers)) != (
        len(document.grants),
        len(document.fields),
        len(document.actions),
        len(document.breakers),
    ):
        msg = "the document holds two rules for the same thing"
        raise ValueError(msg)
    return index


def grant_key(grant: GrantRule) -> GrantKey:
    """What a grant is looked up, and a document's grants are sorted by."""
    return (grant.agent, grant.connection, grant.environment, grant.object, grant.action)


def _grant_entry(grant: GrantRule) -> GrantEntry:
    return GrantEntry(grant, frozenset(grant.read_fields), frozenset(grant.write_fields))


def _object_entry(
    rules: list[FieldRule],
    stages: list[StageRule],
    transitions: list[TransitionRule],
    provenance: ProvenanceRule | None,
) -> ObjectEntry:
    by_field: defaultdict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for stage in stages:
        by_field[stage.stage_field][stage.stage] = stage.required_fields
    moves: defaultdict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for transition in transitions:
        moves[transition.stage_field][transition.from_stage] = transition.to_stages
    scores = {rule.field: tuple(name for name in (rule.components_field, rule.version_field) if name) for rule in rules}
    return ObjectEntry(
        fields={rule.field: rule for rule in rules},
        required_fields=tuple(sorted(rule.field for rule in rules if rule.is_required and not rule.is_read_only)),
        stages=dict(by_field),
        transitions=dict(moves),
        scores={field: names for field, names in scores.items() if names},
        suggested={rule.suggestion_field: rule.field for rule in rules if rule.suggestion_field},
        provenance=provenance,
        signed=_signed(provenance),
        signatures=_signatures(provenance, frozenset(rule.field for rule in rules)),
        has_windows=any(rule.refresh_after_days is not None for rule in rules),
        there=frozenset(rule.field for rule in rules if is_there(rule)),
        contacts=list_contacts(rules),
        companies=list_companies(rules),
        sites=tuple(rule.field for rule in rules if is_site(rule.field, rule.type)),
    )


def _signed(rule: ProvenanceRule | None) -> frozenset[str]:
    return frozenset(name for _, name in mapped_fields(rule)) if rule is not None else frozenset()


def _signatures(rule: ProvenanceRule | None, known: frozenset[str]) -> tuple[tuple[str, str], ...]:
    found = mapped_fields(rule) if rule is not None else ()
    return tuple(sorted((pair for pair in found if pair[1] in known), key=itemgetter(1)))
