"""BudgetTable: the budgets of a document, by the unit that a request draws on. Part of the index."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from governance.domain.budget_defaults import DEFAULT_BUDGETS
from governance.domain.budget_value import counted_value
from governance.domain.document import BudgetRule
from governance.domain.vocabulary import BudgetKey

PARTIAL_KEYS = frozenset({BudgetKey.RECORD.value, BudgetKey.SEGMENT.value, BudgetKey.RECIPIENT_DOMAIN.value})
"""Keys whose budgets bound a part of what an agent does; those of the others bound all of it."""


@dataclass(frozen=True, slots=True)
class BudgetFamily:
    """Rules that differ in scope alone: what holds for a value of the key, and what for one value in particular."""

    key: str
    unit: str
    window: str
    segment_field: str
    currency: str
    general: int | None
    scoped: Mapping[str, int]

    @property
    def counted(self) -> str:
        """What its counters count: money of one currency is not money of another."""
        return f"{self.unit}:{self.currency}" if self.currency else self.unit

    def limit(self, value: str) -> int | None:
        """The limit for a value of the key, None when no rule holds for it."""
        return self.scoped.get(value, self.general)


@dataclass(frozen=True, slots=True)
class BudgetTable:
    """`families` and `defaults` by unit. Where no family speaks for a request, the default of its unit does."""

    families: Mapping[str, tuple[BudgetFamily, ...]]
    defaults: Mapping[str, tuple[BudgetFamily, ...]]
    segment_fields: frozenset[str]
    """Fields of the written record whose values tell its segment"""


def make_budget_table(rules: Iterable[BudgetRule]) -> BudgetTable:
    rules = tuple(rules)
    segment_fields = frozenset(rule.segment_field for rule in rules if rule.segment_field)
    return BudgetTable(_by_unit(rules), _by_unit(DEFAULT_BUDGETS), segment_fields)


def family_key(rule: BudgetRule) -> tuple[str, str, str, str, str]:
    """What rules that differ in scope alone have in common."""
    return (rule.unit, rule.key, rule.window, rule.segment_field, rule.currency)


def _by_unit(rules: Iterable[BudgetRule]) -> dict[str, tuple[BudgetFamily, ...]]:
    grouped: defaultdict[tuple[str, str, str, str, str], list[BudgetRule]] = defaultdict(list)
    for rule in rules:
        grouped[family_key(rule)].append(rule)
    families: defaultdict[str, list[BudgetFamily]] = defaultdict(list)
    for (unit, key, window, segment_field, currency), members in sorted(grouped.items()):
        general = next((rule.limit for rule in members if not rule.scope), None)
        scoped: dict[str, int] = {}
        for rule in members:
            if rule.scope:
                value = counted_value(key, rule.scope)
                scoped[value] = min(rule.limit, scoped.get(value, rule.limit))
        families[unit].append(BudgetFamily(key, unit, window, segment_field, currency, general, scoped))
    return {unit: tuple(members) for unit, members in families.items()}
