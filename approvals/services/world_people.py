"""What people opened for a request: a delegation to act for someone (IDN-04), a break-glass (PRM-10)."""

from collections.abc import Sequence
from datetime import datetime

from approvals.domain.asked import Asked
from governance.domain.facts import BreakGlassFacts, DelegationFacts
from governance.domain.vocabulary import RiskTier
from governance.selectors.delegations import list_break_glass, list_delegations


def names_a_person(asked: Asked) -> bool:
    """Whether an agent claims to act for someone."""
    return asked.agent_id is not None and bool(asked.facts.request.on_behalf_of)


def ask_delegations(asked: Sequence[Asked], _now: datetime) -> list[tuple[DelegationFacts, ...]]:
    """One query for all."""
    keys = [(item.agent_id, item.facts.request.on_behalf_of) for item in asked if item.agent_id is not None]
    return list_delegations(keys)


def is_tier_blocked(asked: Asked) -> bool:
    """Whether the action's tier in the published policy is `blocked`: only then a break-glass matters."""
    rule = asked.index.actions.get(asked.facts.request.action)
    return asked.agent_id is not None and rule is not None and rule.risk_tier == RiskTier.BLOCKED


def ask_break_glass(asked: Sequence[Asked], _now: datetime) -> list[BreakGlassFacts]:
    """One query for all."""
    keys = [
        (
            item.agent_id,
            item.facts.connection.name,
            item.facts.request.action,
            item.facts.request.object,
            item.facts.request.record_id or "",
        )
        for item in asked
        if item.agent_id is not None
    ]
    return list_break_glass(keys)
