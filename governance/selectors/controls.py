"""What the system itself sees of the controls that an autonomy level requires (PRM-08)."""

from uuid import UUID

from guardian.shortcuts import get_users_with_perms

from governance.domain.autonomy import Control, ControlEvidence
from governance.domain.index import PolicyIndex
from governance.domain.vocabulary import RiskTier
from governance.models import Agent, ApproverGroup, Membership, User, Workspace
from governance.selectors.policy import get_policy_index


def gather_controls(agent_id: UUID) -> tuple[ControlEvidence, ...]:
    """The state of every control, read now. Raises Agent.DoesNotExist, PolicyCorruptError."""
    agent = Agent.objects.select_related("owner", "workspace").get(pk=agent_id)
    index = get_policy_index(agent.workspace_id)
    return (
        _owner(agent),
        _grants(agent, index),
        _approvers(agent, index),
        _kill_switch(agent.workspace),
    )


def _owner(agent: Agent) -> ControlEvidence:
    words = f"{agent.owner.name} owns it" if agent.owner.is_active else f"{agent.owner.name} is not active any more"
    return ControlEvidence(control=Control.OWNER, is_live=agent.owner.is_active, words=words)


def _grants(agent: Agent, index: PolicyIndex | None) -> ControlEvidence:
    count = len(_granted_actions(agent, index))
    words = f"{count} published grants" if count else "no published grant names it"
    return ControlEvidence(control=Control.GRANTS, is_live=count > 0, words=words)


def _granted_actions(agent: Agent, index: PolicyIndex | None) -> list[str]:
    return [key[4] for key in index.grants if key[0] == agent.name] if index is not None else []


def _approvers(agent: Agent, index: PolicyIndex | None) -> ControlEvidence:
    """The groups that the risk tiers of its granted actions name."""
    rules = [index.actions.get(action) for action in _granted_actions(agent, index)] if index is not None else []
    asked = [rule for rule in rules if rule is not None and rule.risk_tier != RiskTier.BLOCKED]
    slugs = {group for rule in asked for group in rule.approver_groups}
    members = Membership.objects.filter(
        group__workspace_id=agent.workspace_id, group__slug__in=slugs, person__is_active=True
    ).exclude(person_id=agent.owner_id)
    empty = slugs - set(members.values_list("group__slug", flat=True))
    if not slugs:
        return ControlEvidence(
            control=Control.APPROVERS, is_live=False, words="policy names no group that approves what it does"
        )
    if empty:
        names = ApproverGroup.objects.filter(workspace_id=agent.workspace_id, slug__in=empty).order_by("name")
        words = f"nobody but the owner is in {', '.join(names.values_list('name', flat=True)) or ', '.join(empty)}"
        return ControlEvidence(control=Control.APPROVERS, is_live=False, words=words)
    return ControlEvidence(control=Control.APPROVERS, is_live=True, words=f"{len(slugs)} groups can decide")


def _kill_switch(workspace: Workspace) -> ControlEvidence:
    users = get_users_with_perms(workspace, only_with_perms_in=["engage_switches"], with_group_users=True)
    count = User.objects.filter(pk__in=users.values("pk"), is_active=True).count()
    words = f"{count} logins may engage it" if count else "no active login may engage a kill switch"
    return ControlEvidence(control=Control.KILL_SWITCH, is_live=count > 0, words=words)
