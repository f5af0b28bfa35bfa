"""The check on acting for a person: live, in scope, or denied (IDN-04)."""

from governance.domain.case import Case
from governance.domain.check_result import denied, failed, passed
from governance.domain.decision import CheckResult
from governance.domain.facts import DelegationFacts

_ACTS_FOR_ITSELF = passed("delegation", "the agent acts for itself")
_DELEGATED = passed("delegation", "a delegation lets the agent do this for the person")
_MISSING = denied("delegation", "delegation_missing", "no delegation lets the agent act for this person")
_EXPIRED = denied("delegation", "delegation_expired", "the delegation to act for this person has expired")
_SCOPE = denied("delegation", "delegation_scope", "the delegation to act for this person does not cover this action")


def check_delegation(case: Case) -> CheckResult:
    """An agent acts for a person only under a delegation of theirs that is live and covers the action."""
    if not case.request.on_behalf_of:
        return _ACTS_FOR_ITSELF
    held = case.facts.delegation
    if held is None:
        return failed("delegation")
    live = [item for item in held if item.expires_at > case.facts.now]
    if not live:
        return _EXPIRED if held else _MISSING
    return _DELEGATED if any(_covers(item, case) for item in live) else _SCOPE


def names_nobody(case: Case) -> bool:
    """Whether the check needs nothing looked up."""
    return not case.request.on_behalf_of


def _covers(delegation: DelegationFacts, case: Case) -> bool:
    """A task about a deal is covered by naming the task's object or the deal's."""
    request = case.request
    return (
        request.action in delegation.actions
        and delegation.connection in {"", case.facts.connection.name}
        and not {request.object, request.target_object}.isdisjoint(delegation.objects)
    )
