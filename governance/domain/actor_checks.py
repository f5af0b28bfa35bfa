"""Checks on who asks: correlation, workspace, identity, status, autonomy, role (IDN-06, PRM-08)."""

from governance.domain.action_class import PREPARATIONS
from governance.domain.case import Case
from governance.domain.check_result import denied, needs_approval, passed
from governance.domain.decision import CheckResult
from governance.domain.vocabulary import ActorType, AutonomyLevel, Lifecycle

_CORRELATED = passed("correlation", "the request names its correlation id")
_NOT_CORRELATED = denied("correlation", "correlation_missing", "the request names no correlation id")
_AT_HOME = passed("workspace", "the request and the policy belong to one workspace")
_ELSEWHERE = denied("workspace", "wrong_workspace", "the policy is another workspace's")
_KNOWN_AGENT = passed("identity", "the agent is known")
_KNOWN_PERSON = passed("identity", "the person is known")
_UNKNOWN_ACTOR = denied("identity", "unknown_actor", "nobody known stands behind the request")
_ACTIVE = passed("lifecycle", "the agent is active")
_NO_AGENT = denied("lifecycle", "agent_not_active", "no active agent stands behind the request")
_USABLE_CREDENTIAL = passed("credential", "the credential is in force")
_UNUSABLE_CREDENTIAL = denied("credential", "credential_inactive", "the credential is revoked or has ended")
_AUTONOMY_HOLDS = passed("autonomy", "the agent's autonomy level covers the action")
_AUTONOMY_MANUAL = denied(
    "autonomy", "autonomy_manual", "the agent's autonomy level is `manual`: people do the writing"
)
_AUTONOMY_DRAFT_ONLY = denied(
    "autonomy",
    "autonomy_draft_only",
    "the agent's autonomy level is `draft_only`: it may draft, queue, and leave tasks and notes",
)
_AUTONOMY_APPROVAL = needs_approval(
    "autonomy", "autonomy_approval", "the agent's autonomy level lets it write records with approval only"
)
_AUTONOMY_UNKNOWN = denied("autonomy", "autonomy_unknown", "the agent's autonomy level is not known")
_NO_ROLE = denied("role", "no_role", "the person belongs to no approver group")
_RESPONSIBLE = passed("role", "the person's role covers the action")
_NOT_RESPONSIBLE = needs_approval("role", "role_not_responsible", "another group answers for this action")


def check_correlation(case: Case) -> CheckResult:
    return _CORRELATED if case.request.correlation_id.strip() else _NOT_CORRELATED


def check_workspace(case: Case) -> CheckResult:
    return _AT_HOME if case.facts.workspace == case.index.workspace else _ELSEWHERE


def check_identity(case: Case) -> CheckResult:
    """An agent or a person; a human claim decides nothing about an agent that rides along."""
    if case.facts.actor_type == ActorType.HUMAN:
        return _KNOWN_PERSON
    if case.facts.actor_type == ActorType.AGENT and case.agent is not None and case.agent.name:
        return _KNOWN_AGENT
    return _UNKNOWN_ACTOR


def check_lifecycle(case: Case) -> CheckResult:
    """IDN-06: only an active agent proposes writes."""
    if case.agent is None:
        return _NO_AGENT
    if case.agent.lifecycle == Lifecycle.ACTIVE:
        return _ACTIVE
    return denied("lifecycle", "agent_not_active", f"the agent is `{case.agent.lifecycle}`; only an active one writes")


def check_credential(case: Case) -> CheckResult:
    is_usable = case.agent is not None and case.agent.is_credential_active
    return _USABLE_CREDENTIAL if is_usable else _UNUSABLE_CREDENTIAL


def check_autonomy(case: Case) -> CheckResult:
    """PRM-08. `draft_only` prepares work for people; `with_approval` does that as the tier says and writes records only
    with approval; `autonomous` goes as far as the tier lets it."""
    match case.agent.autonomy_level if case.agent is not None else "":
        case AutonomyLevel.AUTONOMOUS:
            return _AUTONOMY_HOLDS
        case AutonomyLevel.WITH_APPROVAL:
            return _AUTONOMY_HOLDS if case.request.action in PREPARATIONS else _AUTONOMY_APPROVAL
        case AutonomyLevel.DRAFT_ONLY:
            return _AUTONOMY_HOLDS if case.request.action in PREPARATIONS else _AUTONOMY_DRAFT_ONLY
        case AutonomyLevel.MANUAL:
            return _AUTONOMY_MANUAL
        case _:
            return _AUTONOMY_UNKNOWN


def check_role(case: Case) -> CheckResult:
    """A person acts alone inside a group that answers for the action, else that group must agree."""
    if not case.facts.human_roles:
        return _NO_ROLE
    groups = case.rule.approver_groups if case.rule is not None else ()
    if not groups or not set(groups).isdisjoint(case.facts.human_roles):
        return _RESPONSIBLE
    return _NOT_RESPONSIBLE
