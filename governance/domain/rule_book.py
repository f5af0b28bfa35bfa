"""The published rules as the engine uses them: compiled once, found by what a request touches.

What is the same for all requests of one agent, action and object is asked once and remembered as a plan; a decision
then looks at the rules of the fields that change and at the few that name no field. A thousand rules cost what they
match, not what they count.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from governance.domain.check_result import denied, needs_approval
from governance.domain.decision import CheckResult, FieldChange
from governance.domain.field_roles import is_site
from governance.domain.judged import Judged
from governance.domain.plain_text import fold_value
from governance.domain.rule import BasisRule, Condition, NamedList, RiskRule
from governance.domain.rule_conditions import Predicate, compile_condition
from governance.domain.rule_lists import entries_with_includes, ready_lists
from governance.domain.rule_terms import AppliesTo, Effect
from governance.domain.rule_view import RuleView

if TYPE_CHECKING:  # a case holds the index, and the index holds the book
    from governance.domain.case import Case
    from governance.domain.document import FieldRule

POSTAL_ADDRESSES = "postal-addresses"
TARGET_SUBJECTS = ("record_value", "account", "lawful_basis", "confidential")
_PLANS_KEPT = 4096
# The same for every request of one plan: asked when the plan is made, never again.
_SETTLED = frozenset({"agent", "connection", "environment"})


class PlanKey(NamedTuple):
    judged: Judged
    agent: str
    connection: str
    environment: str
    action: str
    object: str
    target_object: str


@dataclass(frozen=True, slots=True, eq=False)
class ReadyRule:
    """`settled` and `open` are its conditions; `result` is what a match adds to the decision."""

    rule: RiskRule
    settled: tuple[Predicate, ...]
    open: tuple[Predicate, ...]
    result: CheckResult
    subjects: frozenset[str]


@dataclass(frozen=True, slots=True)
class RulePlan:
    """The rules that can match here. `always` hold whatever the record says, and deny."""

    general: tuple[ReadyRule, ...]
    by_field: Mapping[str, tuple[ReadyRule, ...]]
    always: tuple[CheckResult, ...]
    subjects: frozenset[str]

    def candidates(self, patch: Sequence[FieldChange]) -> tuple[ReadyRule, ...]:
        if not self.by_field:
            return self.general
        found = list(self.general)
        for change in patch:
            found += self.by_field.get(change.field, ())
        return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Shared between threads. `plans` fills as requests come; a plan is a pure function of its key."""

    rules: Mapping[str, tuple[ReadyRule, ...]]
    """action → rules that name it, `""` → rules for any action"""
    bases: Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]]
    postal_addresses: frozenset[str]
    plans: dict[PlanKey, RulePlan] = field(default_factory=dict)
    reads: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def plan(self, case: "Case") -> RulePlan:
        """The rules for this agent, action and object."""
        request, connection = case.request, case.facts.connection
        agent = case.agent.name if case.agent is not None else ""
        key = PlanKey(
            case.judged,
            agent,
            connection.name,
            connection.environment,
            request.action,
            request.object,
            request.target_object,
        )
        plan = self.plans.get(key)
        if plan is None:
            if len(self.plans) >= _PLANS_KEPT:
                self.plans.clear()
            plan = self.plans[key] = self._make_plan(case)
        return plan

    def fields_read(self, connection: str, object_type: str, fields: "Mapping[str, FieldRule]") -> frozenset[str]:
        """The fields of a record of this object that some rule looks at, changed or not; known ones only."""
        found = self.reads.get((connection, object_type))
        if found is None:
            ready = {rule for rules in self.rules.values() for rule in rules}
            wanted = set[str]()
            for rule in ready:
                if not rule.rule.objects or object_type in rule.rule.objects:
                    wanted |= self._looked_at(rule, object_type, fields)
            found = self.reads[connection, object_type] = frozenset(wanted & fields.keys())
        return found

    def _looked_at(self, ready: ReadyRule, object_type: str, fields: "Mapping[str, FieldRule]") -> set[str]:
        wanted = {condition.field for condition in ready.rule.conditions if condition.subject == "record_value"}
        if "account" in ready.subjects:
            wanted |= {name for name, rule in fields.items() if is_site(name, rule.type)}
        if "confidential" in ready.subjects:
            wanted |= {name for name, rule in fields.items() if rule.is_sensitive}
        if "lawful_basis" in ready.subjects:
            wanted |= {name for object_name, name in self.bases if object_name == object_type}
        return wanted

    def asks(self, case: "Case", *subjects: str) -> bool:
        """Whether some rule for this agent, action and object looks at one of these."""
        return not self.plan(case).subjects.isdisjoint(subjects)

    def view(self, case: "Case", patch: Sequence[FieldChange]) -> RuleView:
        return RuleView(case, patch, bases=self.bases, postal_addresses=self.postal_addresses)

    def _make_plan(self, case: "Case") -> RulePlan:
        view = self.view(case, ())
        rules = [
            ready
            for ready in (*self.rules.get("", ()), *self.rules.get(case.request.action, ()))
            if _can_match(ready, case) and all(holds(view) for holds in ready.settled)
        ]
        rules.sort(key=lambda ready: ready.rule.key)
        by_field: defaultdict[str, list[ReadyRule]] = defaultdict(list)
        for ready in rules:
            for name in ready.rule.fields:
                by_field[name].append(ready)
        unconditional = [r for r in rules if not r.open and not r.rule.fields and r.rule.effect == Effect.DENY]
        return RulePlan(
            general=tuple(ready for ready in rules if not ready.rule.fields),
            by_field={name: tuple(ready) for name, ready in by_field.items()},
            always=tuple(ready.result for ready in unconditional),
            subjects=frozenset().union(*(ready.subjects for ready in rules)),
        )


def make_book(rules: Iterable[RiskRule], lists: Iterable[NamedList], bases: Iterable[BasisRule]) -> RuleBook:
    """Compile the rules of a sound document. Raises KeyError for words outside the vocabulary."""
    lists = tuple(lists)
    ready = ready_lists(lists)
    by_action: defaultdict[str, list[ReadyRule]] = defaultdict(list)
    for rule in rules:
        compiled = _compile(rule, lambda condition: compile_condition(condition, ready))
        for action in rule.actions or ("",):
            by_action[action].append(compiled)
    by_value: defaultdict[tuple[str, str], defaultdict[str, tuple[str, ...]]] = defaultdict(lambda: defaultdict(tuple))
    for row in bases:
        by_value[row.object, row.field][fold_value(row.value)] += (row.basis,)
    by_name = {item.name: item for item in lists}
    postal = entries_with_includes(by_name[POSTAL_ADDRESSES], by_name) if POSTAL_ADDRESSES in by_name else ()
    return RuleBook(
        rules={action: tuple(found) for action, found in by_action.items()},
        bases={key: dict(values) for key, values in by_value.items()},
        postal_addresses=frozenset(fold_value(entry) for entry in postal),
    )


def _compile(rule: RiskRule, make: Callable[[Condition], Predicate]) -> ReadyRule:
    return ReadyRule(
        rule=rule,
        settled=tuple(make(c) for c in rule.conditions if c.subject in _SETTLED),
        open=tuple(make(c) for c in sorted(rule.conditions, key=_cost) if c.subject not in _SETTLED),
        result=_result(rule),
        subjects=frozenset(_needs(c) for c in rule.conditions),
    )


def _result(rule: RiskRule) -> CheckResult:
    check, message = f"rule:{rule.key}", f"rule “{rule.name}”: {rule.reason}"
    if rule.effect == Effect.DENY or (rule.effect == Effect.RAISE_TIER and rule.tier == "blocked"):
        return denied(check, "rule_denied", message)
    if rule.effect == Effect.RAISE_TIER and rule.tier == "gated":
        return CheckResult(check, "pass", "rule_gated", message)
    return needs_approval(check, "rule_approval", message)


def _needs(condition: Condition) -> str:
    """What must be looked up for the condition; findings among confidential values need the record."""
    return (
        "confidential" if condition.subject == "finding" and "confidential" in condition.values else condition.subject
    )


def _cost(condition: Condition) -> int:
    """Cheap tests first; what reads a whole text last."""
    return {"text": 2, "finding": 3}.get(condition.subject, 1)


def _can_match(ready: ReadyRule, case: "Case") -> bool:
    """Whether actor and object fit. A rule that names companies also speaks of what is sent or prepared about one."""
    rule, request = ready.rule, case.request
    is_agent = case.judged is Judged.AGENT
    if rule.applies_to == (AppliesTo.PEOPLE if is_agent else AppliesTo.AGENTS):
        return False
    return not rule.objects or request.object in rule.objects or request.target_object in rule.objects
