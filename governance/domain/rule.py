"""What RevOps writes without code: rules with closed conditions, named lists, lawful bases (POL-04, CNT-01…06)."""

import msgspec


class Condition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One test: `subject` of `governance.domain.rule_terms`, `operator`, and the values to compare with, as text.

    `field` only for subjects that speak of one field. For `on_list` and `not_on_list` the values are names of lists.
    """

    subject: str
    operator: str
    field: str = ""
    values: tuple[str, ...] = ()


class RiskRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule. Empty `actions`, `objects` and `fields` mean any; `fields` are what the patch changes, one of them
    suffices. All conditions must hold.

    `effect` is `deny`, `approval` (one vote of every group in `groups`, one of any group in `any_groups`, `count`
    distinct people in all; without groups those of the action's tier) or `raise_tier` (to `tier`).
    """

    key: str
    name: str
    owner: str
    reason: str
    applies_to: str = "agents"
    actions: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    effect: str = "approval"
    groups: tuple[str, ...] = ()
    any_groups: tuple[str, ...] = ()
    count: int = 1
    tier: str = ""


class NamedList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A list that rules refer to by name: high-value accounts, allowed vendors, restricted terms, …

    `kind` says how entries match: `domains` (and what lies below them), `records` (`companies:101`), `values`,
    `addresses`, `terms` (words and phrases in a text). `includes` are names of further lists of the same kind.
    """

    name: str
    kind: str
    entries: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()


class BasisRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """CNT-06: the lawful basis recorded for one region or segment: records of `object` whose `field` holds `value`."""

    object: str
    field: str
    value: str
    basis: str
