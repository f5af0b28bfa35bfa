"""What an agent may know about itself: who it is here, what it may ask for, what stops it (PRM-09)."""

from collections.abc import Iterable
from dataclasses import dataclass

from governance.domain.budget_state import BudgetState, list_states
from governance.domain.document import GrantRule
from governance.domain.facts import SwitchFacts
from governance.domain.index import PolicyIndex
from governance.domain.principal import Principal
from governance.domain.vocabulary import BudgetKey
from governance.selectors.budgets import get_counted
from governance.selectors.live_grants import list_live_grants
from governance.selectors.policy import get_policy_indexes
from governance.selectors.switches import get_switch_facts


@dataclass(frozen=True, slots=True)
class AgentProfile:
    """`grants` are those in force: published and not withdrawn since. `policy_versions` is environment → digest."""

    policy_versions: dict[str, str]
    grants: tuple[GrantRule, ...]
    switches: SwitchFacts
    budgets: tuple[BudgetState, ...] = ()


def get_agent_profile(principal: Principal) -> AgentProfile:
    """Four queries."""
    indexes = get_policy_indexes(principal.workspace_id)
    rows = list_live_grants().filter(agent_id=principal.agent_id)
    there = set(rows.values_list("connection__name", "object_type", "action"))
    own = [
        entry.rule
        for environment, index in indexes.items()
        for entry in index.grants.values()
        if entry.rule.agent == principal.agent_name and entry.rule.environment == environment
    ]
    live = [rule for rule in own if (rule.connection, rule.object, rule.action) in there]
    return AgentProfile(
        policy_versions={environment: index.version for environment, index in indexes.items()},
        grants=tuple(sorted(live, key=lambda rule: (rule.connection, rule.object, rule.action))),
        switches=get_switch_facts(workspace_id=principal.workspace_id, agent_id=principal.agent_id),
        budgets=_budgets(principal, indexes.values()),
    )


def _budgets(principal: Principal, indexes: Iterable[PolicyIndex]) -> tuple[BudgetState, ...]:
    """The agent's own budgets and the workspace's, the tighter of both environments where they differ."""
    own = {BudgetKey.AGENT.value: [principal.agent_name], BudgetKey.WORKSPACE.value: [principal.workspace_slug]}
    values = [name for names in own.values() for name in names]
    counted = get_counted(principal.workspace_id, now=principal.now, values=values)
    tightest: dict[tuple[str, str, str, str, str], BudgetState] = {}
    for index in indexes:
        for state in list_states(index.budgets, known=own, counted=counted, now=principal.now):
            key = (state.key, state.value, state.unit, state.window, state.currency)
            if state.key in own and (key not in tightest or state.limit < tightest[key].limit):
                tightest[key] = state
    return tuple(tightest[key] for key in sorted(tightest))
