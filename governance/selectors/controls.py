"""What the system itself sees of the controls that an autonomy level requires (PRM-08)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from guardian.shortcuts import get_users_with_perms

from governance.domain.action_class import REQUESTABLE, SENDS
from governance.domain.autonomy import Control, ControlEvidence
from governance.domain.breaker import is_watched
from governance.domain.budget_claims import is_budgeted
from governance.domain.document import ActionRule
from governance.domain.index import GrantKey, PolicyIndex
from governance.domain.vocabulary import RiskTier
from governance.models import Agent, ApproverGroup, DncEntry, Membership, Workspace
from governance.models import ControlEvidence as Evidence
from governance.selectors.golden import run_golden_cases
from governance.selectors.policy import get_policy_indexes

SANDBOX_REVERT = "sandbox_revert"
"""The kind of evidence that a verified revert in the sandbox leaves."""


def gather_controls(agent_id: UUID) -> tuple[ControlEvidence, ...]:
    """The state of every control, read now. Raises Agent.DoesNotExist, PolicyCorruptError."""
    agent = Agent.objects.select_related("owner", "workspace").get(pk=agent_id)
    indexes = get_policy_indexes(agent.workspace_id)
    rules = _granted_rules(agent, indexes)
    return (
        _owner(agent),
        _grants(rules),
        _approvers(agent, rules),
        _budgets(agent, indexes),
        _kill_switch(agent.workspace),
        _breaker(agent, indexes),
        _golden_cases(agent, indexes),
        _sandbox_revert(agent),
        _do_not_contact(agent, rules),
    )


def _owner(agent: Agent) -> ControlEvidence:
    words = f"{agent.owner.name} owns it" if agent.owner.is_active else f"{agent.owner.name} is not active any more"
    return ControlEvidence(control=Control.OWNER, is_live=agent.owner.is_active, words=words)


def _granted_rules(agent: Agent, indexes: Mapping[str, PolicyIndex]) -> list[ActionRule | None]:
    """For each grant in force, in whatever environment, how policy treats its action; None for reads."""
    return [indexes[environment].actions.get(key[4]) for environment, key in _list_grants(agent, indexes)]


def _list_grants(agent: Agent, indexes: Mapping[str, PolicyIndex]) -> list[tuple[str, GrantKey]]:
    """The environment and the key of each grant in force there."""
    return [
        (environment, key)
        for environment, index in sorted(indexes.items())
        for key in index.grants
        if key[0] == agent.name and key[2] == environment
    ]


def _grants(rules: list[ActionRule | None]) -> ControlEvidence:
    words = f"{len(rules)} published grants" if rules else "no published grant names it"
    return ControlEvidence(control=Control.GRANTS, is_live=bool(rules), words=words)


def _approvers(agent: Agent, rules: list[ActionRule | None]) -> ControlEvidence:
    """The groups that the risk tiers of its granted actions name."""
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


def _budgets(agent: Agent, indexes: Mapping[str, PolicyIndex]) -> ControlEvidence:
    """Each granted action, in its environment, is limited by a budget that was published for it."""
    granted = [
        (environment, grant[4]) for environment, grant in _list_grants(agent, indexes) if grant[4] in REQUESTABLE
    ]
    bare = sorted(
        {
            f"{action.replace('_', ' ')} in {environment}"
            for environment, action in granted
            if not is_budgeted(indexes[environment].budgets, action, agent.name)
        }
    )
    if not granted:
        return ControlEvidence(control=Control.BUDGETS, is_live=False, words="no published grant lets it do anything")
    words = f"no published budget limits {', '.join(bare)}" if bare else "published budgets limit all that it may do"
    return ControlEvidence(control=Control.BUDGETS, is_live=not bare, words=words)


def _breaker(agent: Agent, indexes: Mapping[str, PolicyIndex]) -> ControlEvidence:
    """Each granted action, in its environment, is watched by a circuit breaker that was published."""
    granted = [
        (environment, grant[4]) for environment, grant in _list_grants(agent, indexes) if grant[4] in REQUESTABLE
    ]
    bare = sorted(
        {
            f"{action.replace('_', ' ')} in {environment}"
            for environment, action in granted
            if not is_watched(indexes[environment].breakers, environment=environment, agent=agent.name, action=action)
        }
    )
    if not granted:
        return ControlEvidence(control=Control.BREAKER, is_live=False, words="no published grant lets it do anything")
    words = f"no published breaker watches {', '.join(bare)}" if bare else "published breakers watch all that it may do"
    return ControlEvidence(control=Control.BREAKER, is_live=not bare, words=words)


def _kill_switch(workspace: Workspace) -> ControlEvidence:
    found: Any = get_users_with_perms(workspace, only_with_perms_in=["engage_switches"], with_group_users=True)
    count = sum(user.is_active for user in found)
    words = f"{count} logins may engage it" if count else "no active login may engage a kill switch"
    return ControlEvidence(control=Control.KILL_SWITCH, is_live=count > 0, words=words)


def _golden_cases(agent: Agent, indexes: Mapping[str, PolicyIndex]) -> ControlEvidence:
    """Asked now, of what is in force in every environment. No case proves nothing."""
    results = [
        result
        for _, index in sorted(indexes.items())
        for result in run_golden_cases(workspace_id=agent.workspace_id, index=index)
    ]
    failing = sorted({result.name for result in results if not result.is_kept})
    words = "there are none" if not results else f"{len(results)} answers, {len(failing)} wrong"
    if failing:
        words = f"{words}: {', '.join(failing[:3])}"
    return ControlEvidence(control=Control.GOLDEN_CASES, is_live=bool(results) and not failing, words=words)


def _sandbox_revert(agent: Agent) -> ControlEvidence:
    rows = Evidence.objects.filter(agent=agent, kind=SANDBOX_REVERT).order_by("-created_at")
    proof = rows.values_list("created_at", flat=True).first()
    words = f"proven on {proof:%d %b %Y}" if proof is not None else "not proven yet: revert one of its sandbox changes"
    return ControlEvidence(control=Control.SANDBOX_REVERT, is_live=proof is not None, words=words)


def _do_not_contact(agent: Agent, rules: list[ActionRule | None]) -> ControlEvidence:
    """Where it may send, an entry that holds must be there: an empty list is one that nobody has filled."""
    if not any(rule is not None and rule.action in SENDS for rule in rules):
        return ControlEvidence(control=Control.DNC, is_live=True, words="no published grant lets it send")
    is_kept = DncEntry.objects.filter(workspace_id=agent.workspace_id, removed_at__isnull=True).exists()
    return ControlEvidence(control=Control.DNC, is_live=is_kept, words="it is kept" if is_kept else "it is empty")
