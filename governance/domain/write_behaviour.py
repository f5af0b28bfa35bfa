"""What each agent may write where, as far as a rollback must have been proven for it first (SBX-01)."""

from governance.domain.action_class import PREPARATIONS, REQUESTABLE
from governance.domain.document import PolicyDocument
from governance.domain.vocabulary import PermissionLevel, RiskTier

Behaviour = frozenset[tuple[str, str, str, str, str, str]]
"""connection, object, action, field, permission level, risk tier"""

_WRITABLE = frozenset({PermissionLevel.SAFE_WRITE, PermissionLevel.APPROVAL})


def write_behaviours(document: PolicyDocument, *, environment: str) -> dict[str, Behaviour]:
    """Agent → everything that it may write in the environment, and under which conditions. Preparations are left out:
    they change no record that people sell by.
    """
    levels = {(rule.connection, rule.object, rule.field): rule.permission_level for rule in document.fields}
    tiers = {rule.action: rule.risk_tier for rule in document.actions if rule.risk_tier != RiskTier.BLOCKED}
    found: dict[str, set[tuple[str, str, str, str, str, str]]] = {}
    for grant in document.grants:
        is_write = grant.action in REQUESTABLE and grant.action not in PREPARATIONS
        if grant.environment != environment or not is_write or grant.action not in tiers:
            continue
        for field in grant.write_fields or ("",):
            level = levels.get((grant.connection, grant.object, field), "")
            if not field or level in _WRITABLE:
                key = (grant.connection, grant.object, grant.action, field, level, tiers[grant.action])
                found.setdefault(grant.agent, set()).add(key)
    return {agent: frozenset(behaviour) for agent, behaviour in found.items()}


def agents_with_new_writes(old: PolicyDocument | None, new: PolicyDocument, *, environment: str) -> tuple[str, ...]:
    """The agents that may write something, or more easily, that they could not before; sorted."""
    before = write_behaviours(old, environment=environment) if old is not None else {}
    after = write_behaviours(new, environment=environment)
    return tuple(sorted(agent for agent, behaviour in after.items() if behaviour - before.get(agent, frozenset())))
