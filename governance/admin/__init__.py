"""Governance in the console: agents, registry, matrix, tiers, people, switches and the policy.

Every page asks the person's object permissions on the workspace; every edit is in the ledger, in its own transaction.
"""

from governance.admin import agents, changes, connections, ledger, matrix, people, policy, registry, switches, tiers

__all__ = ["agents", "changes", "connections", "ledger", "matrix", "people", "policy", "registry", "switches", "tiers"]
