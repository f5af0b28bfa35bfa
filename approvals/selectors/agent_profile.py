"""What an agent may know about itself: who it is here, what it may ask for, what stops it (PRM-09)."""

from dataclasses import dataclass

from governance.domain.document import GrantRule
from governance.domain.facts import SwitchFacts
from governance.domain.principal import Principal
from governance.models import Grant
from governance.selectors.policy import get_policy_indexes
from governance.selectors.switches import get_switch_facts


@dataclass(frozen=True, slots=True)
class AgentProfile:
    """`grants` are those in force: published and not withdrawn since. `policy_versions` is environment → digest."""

    policy_versions: dict[str, str]
    grants: tuple[GrantRule, ...]
    switches: SwitchFacts


def get_agent_profile(principal: Principal) -> AgentProfile:
    """Three queries."""
    indexes = get_policy_indexes(principal.workspace_id)
    withdrawn = set(
        Grant.objects.filter(agent_id=principal.agent_id, is_withdrawn=True).values_list(
            "connection__name", "object_type", "action"
        )
    )
    own = [
        entry.rule
        for environment, index in indexes.items()
        for entry in index.grants.values()
        if entry.rule.agent == principal.agent_name and entry.rule.environment == environment
    ]
    live = [rule for rule in own if (rule.connection, rule.object, rule.action) not in withdrawn]
    return AgentProfile(
        policy_versions={environment: index.version for environment, index in indexes.items()},
        grants=tuple(sorted(live, key=lambda rule: (rule.connection, rule.object, rule.action))),
        switches=get_switch_facts(workspace_id=principal.workspace_id, agent_id=principal.agent_id),
    )
