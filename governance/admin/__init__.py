"""Governance in the console: agents, registry, matrix, tiers, rules, people, switches and the policy.

Every page asks the person's object permissions on the workspace; every edit is in the ledger, in its own transaction.
"""

from governance.admin import (
    agents,
    break_glass,
    breakers,
    budgets,
    changes,
    connections,
    delegations,
    dnc,
    dnc_imports,
    golden,
    grants,
    integrations,
    inventory,
    ledger,
    matrix,
    people,
    policy,
    registry,
    rule_lists,
    rules,
    switches,
    tiers,
)

__all__ = [
    "agents",
    "break_glass",
    "breakers",
    "budgets",
    "changes",
    "connections",
    "delegations",
    "dnc",
    "dnc_imports",
    "golden",
    "grants",
    "integrations",
    "inventory",
    "ledger",
    "matrix",
    "people",
    "policy",
    "registry",
    "rule_lists",
    "rules",
    "switches",
    "tiers",
]
