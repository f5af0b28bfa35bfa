"""Compile the rules, lists and lawful bases of a workspace into their part of the policy document."""

from typing import Any

import msgspec

from governance.domain.compile_error import CompileError
from governance.domain.rule import BasisRule, Condition, NamedList, RiskRule
from governance.models import LawfulBasis, Rule, RuleList, Workspace


class CompiledRules(msgspec.Struct, frozen=True):
    rules: tuple[RiskRule, ...]
    lists: tuple[NamedList, ...]
    bases: tuple[BasisRule, ...]
    errors: tuple[CompileError, ...]


def compile_rules(workspace: Workspace) -> CompiledRules:
    """Active rules by key, lists by name, lawful bases by what they are about. Eight queries, whatever the rows."""
    rows = Rule.objects.filter(workspace=workspace, is_active=True).select_related("owner")
    rules, errors = [], []
    for row in rows.prefetch_related("groups", "any_groups"):
        try:
            rules.append(as_rule(row))
        except msgspec.ValidationError:
            errors.append(CompileError(f"rule “{row.name}”", "unknown_value", "its conditions cannot be read"))
    return CompiledRules(
        tuple(sorted(rules, key=lambda rule: rule.key)), _lists(workspace), _bases(workspace), tuple(errors)
    )


def as_rule(row: Rule) -> RiskRule:
    """One row as the engine's value. Raises msgspec.ValidationError for conditions that are none."""
    is_asking = row.effect == "approval"
    return RiskRule(
        key=row.key,
        name=row.name,
        owner=row.owner.name,
        reason=row.reason,
        applies_to=row.applies_to,
        actions=_sorted(row.actions),
        objects=_sorted(row.objects_named),
        fields=_sorted(row.fields_named),
        conditions=tuple(msgspec.convert(row.conditions, list[Condition])),
        effect=row.effect,
        groups=tuple(sorted(group.slug for group in row.groups.all())) if is_asking else (),
        any_groups=tuple(sorted(group.slug for group in row.any_groups.all())) if is_asking else (),
        count=row.count if is_asking else 1,
        tier=row.tier if row.effect == "raise_tier" else "",
    )


def _lists(workspace: Workspace) -> tuple[NamedList, ...]:
    rows = RuleList.objects.filter(workspace=workspace).prefetch_related("includes").order_by("slug")
    return tuple(
        NamedList(
            name=row.slug,
            kind=row.kind,
            entries=_sorted(row.entries),
            includes=tuple(sorted(other.slug for other in row.includes.all())),
        )
        for row in rows
    )


def _bases(workspace: Workspace) -> tuple[BasisRule, ...]:
    rows = LawfulBasis.objects.filter(workspace=workspace)
    found = rows.values_list("object_type", "field", "value", "basis")
    return tuple(BasisRule(object=o, field=f, value=v, basis=b) for o, f, v, b in sorted(found))


def _sorted(values: Any) -> tuple[str, ...]:
    """A set of names kept in a JSON column; what is no list becomes one odd name, which is then refused by its row."""
    return tuple(sorted({str(value) for value in values})) if isinstance(values, list) else (str(values),)
