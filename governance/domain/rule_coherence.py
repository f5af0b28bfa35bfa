"""Whether rules and lists make sense: nothing dangling, contradictory, cyclic or said twice (POL-04)."""

from collections.abc import Collection, Iterator, Mapping

import msgspec

from governance.domain.action_class import REQUESTABLE
from governance.domain.compile_error import CompileError
from governance.domain.document import PolicyDocument
from governance.domain.plain_text import fold_value
from governance.domain.rule import BasisRule, Condition, NamedList, RiskRule
from governance.domain.rule_terms import (
    SUBJECTS,
    TAKES_LISTS,
    TAKES_NUMBERS,
    VALUE_COUNTS,
    AppliesTo,
    Basis,
    Effect,
    ListKind,
    Operator,
)
from governance.domain.rule_values import domain_of, is_number, number_of
from governance.domain.vocabulary import RiskTier

_RAISABLE = frozenset({RiskTier.GATED, RiskTier.APPROVAL, RiskTier.BLOCKED})
_SET_SUBJECTS = frozenset({"risk_flag", "account", "recipient", "vendor", "newness", "lawful_basis", "finding", "text"})


class KnownNames(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule may refer to. `fields` is object → its fields in any connection."""

    fields: Mapping[str, Collection[str]]
    agents: Collection[str]
    connections: Collection[str]
    groups: Mapping[str, Collection[str]]
    lists: Mapping[str, NamedList]


def find_rule_errors(
    document: PolicyDocument, group_members: Mapping[str, Collection[str]], agents: Collection[str] | None = None
) -> Iterator[CompileError]:
    """Every contradiction and loose end of rules, lists and lawful bases. `agents` None: names are not checked."""
    fields: dict[str, set[str]] = {}
    for field in document.fields:
        fields.setdefault(field.object, set()).add(field.field)
    names = KnownNames(
        fields=fields,
        agents=agents if agents is not None else (),
        connections={field.connection for field in document.fields},
        groups=group_members,
        lists={item.name: item for item in document.lists},
    )
    for rule in document.rules:
        yield from rule_errors(rule, names, knows_agents=agents is not None)
    yield from _repetitions(document.rules)
    for item in document.lists:
        yield from _list_errors(item, names)
    for basis in document.bases:
        yield from _basis_errors(basis, names)


def name_rule(rule: RiskRule) -> str:
    return f"rule “{rule.name}”"


def name_list(item: NamedList) -> str:
    return f"list `{item.name}`"


def name_basis(row: BasisRule) -> str:
    return f"lawful basis of {row.object} with `{row.field}` = “{row.value}”"


def rule_errors(rule: RiskRule, names: KnownNames, *, knows_agents: bool = True) -> Iterator[CompileError]:
    """What is wrong with one rule by itself."""
    row = name_rule(rule)
    if not rule.reason.strip():
        yield CompileError(row, "rule_without_reason", "it gives no reason, and reviewers and agents are told one")
    if rule.applies_to not in set(AppliesTo):
        yield CompileError(row, "unknown_value", f"it applies to `{rule.applies_to}`, which does not exist")
    for action in sorted(set(rule.actions) - REQUESTABLE):
        yield CompileError(row, "unknown_value", f"the action `{action}` does not exist")
    for object_type in sorted(set(rule.objects) - names.fields.keys()):
        yield CompileError(row, "unknown_object", f"the object `{object_type}` is not registered")
    for field in rule.fields:
        yield from _field_errors(row, field, rule, names)
    yield from _effect_errors(rule, row, names)
    for condition in rule.conditions:
        yield from _condition_errors(condition, row, rule, names, knows_agents=knows_agents)
    yield from _contradictions(rule, row)


def _field_errors(row: str, field: str, rule: RiskRule, names: KnownNames) -> Iterator[CompileError]:
    """A field must be registered for one of the rule's objects; for a rule on any object, somewhere."""
    objects = [name for name in rule.objects if name in names.fields] or list(names.fields)
    if not any(field in names.fields[name] for name in objects):
        yield CompileError(row, "unknown_field", f"the field `{field}` is not registered there")


def _effect_errors(rule: RiskRule, row: str, names: KnownNames) -> Iterator[CompileError]:
    if rule.effect not in set(Effect):
        yield CompileError(row, "unknown_value", f"the effect `{rule.effect}` does not exist")
    if rule.effect == Effect.RAISE_TIER and rule.tier not in _RAISABLE:
        yield CompileError(row, "unknown_value", "it raises the tier to none of gated, approval, blocked")
    if rule.effect != Effect.APPROVAL:
        return
    for group in sorted({*rule.groups, *rule.any_groups}):
        if not names.groups.get(group):
            yield CompileError(row, "empty_group", f"nobody active is in the group `{group}`")
    people = {person for group in (*rule.groups, *rule.any_groups) for person in names.groups.get(group, ())}
    if rule.count < 1:
        yield CompileError(row, "no_approvals_needed", "an approval takes at least one person")
    elif people and len(people) < rule.count:
        message = f"it asks for {rule.count} people and its groups hold {len(people)}"
        yield CompileError(row, "too_few_approvers", message)


def _condition_errors(
    condition: Condition, row: str, rule: RiskRule, names: KnownNames, *, knows_agents: bool
) -> Iterator[CompileError]:
    subject = SUBJECTS.get(condition.subject)
    if subject is None:
        yield CompileError(row, "unknown_value", f"nothing is called `{condition.subject}`")
        return
    if condition.operator not in subject.operators:
        yield CompileError(row, "unknown_value", f"`{condition.subject}` cannot be compared by `{condition.operator}`")
        return
    if subject.has_field and not condition.field:
        yield CompileError(row, "unknown_field", "a condition names no field")
    elif subject.has_field:
        yield from _field_errors(row, condition.field, rule, names)
    least, most = VALUE_COUNTS[condition.operator]
    if not least <= len(condition.values) <= (most if most is not None else len(condition.values)):
        yield CompileError(row, "values_missing", f"`{condition.operator}` takes another number of values")
    elif condition.operator in TAKES_LISTS:
        yield from _reference_errors(condition, row, names)
    else:
        yield from _value_errors(condition, row, names, knows_agents=knows_agents)


def _value_errors(condition: Condition, row: str, names: KnownNames, *, knows_agents: bool) -> Iterator[CompileError]:
    for value in condition.values:
        if condition.operator in TAKES_NUMBERS and not is_number(value):
            yield CompileError(row, "not_a_number", f"“{value}” is no number")
        elif not fold_value(value) and condition.operator != Operator.FROM_TO:
            yield CompileError(row, "values_missing", "a value is blank: say `is empty` instead")
    for value in sorted(set(condition.values) - set(SUBJECTS[condition.subject].choices or condition.values)):
        yield CompileError(row, "unknown_value", f"“{value}” is none of the values that can occur there")
    known = {"agent": names.agents if knows_agents else None, "connection": names.connections}.get(condition.subject)
    if known is not None:
        for value in sorted(set(condition.values) - set(known)):
            yield CompileError(row, "unknown_value", f"the {condition.subject} `{value}` does not exist")


def _reference_errors(condition: Condition, row: str, names: KnownNames) -> Iterator[CompileError]:
    for name in condition.values:
        item = names.lists.get(name)
        if item is None:
            yield CompileError(row, "unknown_list", f"the list `{name}` does not exist")
        elif item.kind not in SUBJECTS[condition.subject].list_kinds:
            yield CompileError(row, "wrong_list", f"the list `{name}` holds {item.kind}, which cannot be compared here")


def _contradictions(rule: RiskRule, row: str) -> Iterator[CompileError]:
    """Conditions on one thing that no value can meet: it would never match, and nobody would notice."""
    by_thing: dict[tuple[str, str], list[Condition]] = {}
    for condition in rule.conditions:
        if condition.subject in SUBJECTS and condition.operator in VALUE_COUNTS:
            by_thing.setdefault((condition.subject, condition.field), []).append(condition)
    for (subject, field), conditions in by_thing.items():
        if subject not in _SET_SUBJECTS and (_no_number_left(conditions) or _no_word_left(conditions)):
            thing = f"`{field}`" if field else f"`{subject}`"
            yield CompileError(row, "contradiction", f"no value of {thing} can meet its conditions")
        if len({(c.operator, tuple(sorted(c.values))) for c in conditions}) < len(conditions):
            yield CompileError(row, "duplicate_condition", "one condition stands there twice")


def _no_number_left(conditions: list[Condition]) -> bool:
    floor, ceiling, is_strict = float("-inf"), float("inf"), False
    for condition in conditions:
        if condition.operator not in {Operator.GREATER, Operator.LESS, Operator.BETWEEN}:
            continue
        if not all(is_number(value) for value in condition.values) or not condition.values:
            return False
        numbers = [number_of(value) for value in condition.values]
        if condition.operator != Operator.LESS:
            floor = max(floor, numbers[0])
        if condition.operator != Operator.GREATER:
            ceiling = min(ceiling, numbers[-1])
        is_strict = is_strict or condition.operator != Operator.BETWEEN
    return floor > ceiling or (floor == ceiling and is_strict)


def _no_word_left(conditions: list[Condition]) -> bool:
    allowed: set[str] | None = None
    refused: set[str] = set()
    operators = {condition.operator for condition in conditions}
    for condition in conditions:
        values = {fold_value(value) for value in condition.values}
        if condition.operator in {Operator.IS, Operator.ONE_OF}:
            allowed = values if allowed is None else allowed & values
        elif condition.operator in {Operator.IS_NOT, Operator.NONE_OF}:
            refused |= values
    if Operator.IS_EMPTY in operators and (allowed is not None or Operator.NOT_EMPTY in operators):
        return True
    return allowed is not None and not allowed - refused


def errors_among(rule: RiskRule, others: tuple[RiskRule, ...]) -> Iterator[CompileError]:
    """What is wrong with a rule beside the others."""
    yield from _repetitions((*others, rule))


def _repetitions(rules: tuple[RiskRule, ...]) -> Iterator[CompileError]:
    """Two rules that ask the same, or one name twice; one test with two answers is a contradiction."""
    keys: dict[str, RiskRule] = {}
    tests: dict[object, RiskRule] = {}
    for rule in rules:
        if (other := keys.setdefault(rule.key, rule)) is not rule:
            yield CompileError(name_rule(rule), "duplicate_rule", f"{name_rule(other)} has the same key")
        other = tests.setdefault(_test_of(rule), rule)
        if other is not rule:
            yield CompileError(name_rule(rule), "duplicate_rule", f"{name_rule(other)} looks for the very same")


def _test_of(rule: RiskRule) -> object:
    conditions = frozenset(
        (c.subject, c.field, c.operator, frozenset(fold_value(value) for value in c.values)) for c in rule.conditions
    )
    return (rule.applies_to, frozenset(rule.actions), frozenset(rule.objects), frozenset(rule.fields), conditions)


def _list_errors(item: NamedList, names: KnownNames) -> Iterator[CompileError]:
    row = name_list(item)
    if item.kind not in set(ListKind):
        yield CompileError(row, "unknown_value", f"a list of `{item.kind}` does not exist")
    for name in item.includes:
        other = names.lists.get(name)
        if other is None:
            yield CompileError(row, "unknown_list", f"it includes `{name}`, which does not exist")
        elif other.kind != item.kind:
            yield CompileError(row, "wrong_list", f"it includes `{name}`, which holds {other.kind}")
    if _leads_back(item, names.lists):
        yield CompileError(row, "list_cycle", "its includes lead round in a circle")
    for entry in item.entries:
        if not fold_value(entry) or (item.kind == ListKind.DOMAINS and not domain_of(entry)):
            yield CompileError(row, "bad_entry", f"“{entry}” is no entry for a list of {item.kind}")


def _leads_back(item: NamedList, lists: Mapping[str, NamedList]) -> bool:
    seen, todo = set[str](), list(item.includes)
    while todo:
        name = todo.pop()
        if name == item.name:
            return True
        if name not in seen and name in lists:
            seen.add(name)
            todo += lists[name].includes
    return False


def _basis_errors(row: BasisRule, names: KnownNames) -> Iterator[CompileError]:
    name = name_basis(row)
    if row.object not in names.fields:
        yield CompileError(name, "unknown_object", f"the object `{row.object}` is not registered")
    elif row.field not in names.fields[row.object]:
        yield CompileError(name, "unknown_field", f"the field `{row.field}` is not registered")
    if row.basis not in set(Basis):
        yield CompileError(name, "unknown_value", f"the basis `{row.basis}` does not exist")
