"""Checks on what is asked: risk tier, evidence, confidence, flags, reversibility (PRM-05, CNT-01, APR-11)."""

from governance.domain.action_class import IRREVERSIBLE, REQUESTABLE
from governance.domain.case import Case
from governance.domain.check_result import denied, needs_approval, passed
from governance.domain.decision import CheckResult
from governance.domain.judged import Judged
from governance.domain.vocabulary import RiskTier

_REQUESTABLE = passed("action", "the action is one that policy knows")
_AUTONOMOUS = passed("risk_tier", "the action's tier is `autonomous`")
_GATED = passed("risk_tier", "the action's tier is `gated`")
_APPROVAL = needs_approval("risk_tier", "tier_approval", "the action's tier asks for approval")
_BLOCKED = denied("risk_tier", "tier_blocked", "the action's tier is `blocked`")
_BROKEN_GLASS = needs_approval(
    "risk_tier", "break_glass", "the action's tier is `blocked`, and break-glass lets people approve this one"
)
_EVIDENCE = passed("evidence", "the evidence is sufficient")
_CONFIDENT = passed("confidence", "the confidence is sufficient")
_INVALID_CONFIDENCE = denied("confidence", "confidence_invalid", "the confidence is not a number from 0 to 1")
_NO_FLAGS = passed("risk_flags", "no risk flag asks for a person")
_FLAGGED = needs_approval("risk_flags", "risk_flagged", "the agent flagged a risk, and the action is gated")
_REVERSIBLE = passed("reversibility", "the action can be taken back")
_IRREVERSIBLE = needs_approval("reversibility", "irreversible", "what cannot be taken back takes a person")


def check_action(case: Case) -> CheckResult:
    """PRM-01: an action without a rule is denied. A person's undoing needs no rule of the agents' action classes."""
    if case.request.action not in REQUESTABLE:
        return denied("action", "unknown_action", f"`{case.request.action}` cannot be requested")
    if case.rule is None and case.judged is not Judged.REVERT:
        return denied("action", "unknown_action", f"policy has no rule for `{case.request.action}`")
    return _REQUESTABLE


def check_risk_tier(case: Case) -> CheckResult:
    match case.rule.risk_tier if case.rule is not None else "":
        case RiskTier.AUTONOMOUS:
            return _AUTONOMOUS
        case RiskTier.GATED:
            return _GATED
        case RiskTier.APPROVAL:
            return _APPROVAL
        case RiskTier.BLOCKED if _is_glass_broken(case):
            return _BROKEN_GLASS
        case _:
            return _BLOCKED


def is_open_tier(case: Case) -> bool:
    """Whether the tier needs nothing looked up: break-glass is only asked for where the tier is `blocked`."""
    return case.rule is None or case.rule.risk_tier != RiskTier.BLOCKED


def _is_glass_broken(case: Case) -> bool:
    """PRM-10: live, by the time that the decision goes by. What could not be read is closed."""
    glass = case.facts.break_glass
    return glass is not None and bool(glass.id) and glass.expires_at is not None and glass.expires_at > case.facts.now


def check_evidence(case: Case) -> CheckResult:
    """CNT-01: sources, facts and signals all count as entries."""
    needed = case.rule.min_evidence if case.rule is not None else 0
    evidence = case.request.evidence
    if evidence.sources + evidence.facts + evidence.signals >= needed:
        return _EVIDENCE
    return denied("evidence", "evidence_missing", f"the action needs at least {needed} entries of evidence")


def check_confidence(case: Case) -> CheckResult:
    """Too little denies; a gated action goes to a person instead."""
    confidence = case.request.confidence
    if isinstance(confidence, bool) or not 0 <= confidence <= 1:
        return _INVALID_CONFIDENCE
    if case.rule is None or confidence >= case.rule.min_confidence:
        return _CONFIDENT
    message = f"the confidence is below the {case.rule.min_confidence:g} that the action asks for"
    if case.rule.risk_tier == RiskTier.GATED:
        return needs_approval("confidence", "confidence_too_low", message)
    return denied("confidence", "confidence_too_low", message)


def check_risk_flags(case: Case) -> CheckResult:
    is_gated = case.rule is not None and case.rule.risk_tier == RiskTier.GATED
    return _FLAGGED if is_gated and case.request.risk_flags else _NO_FLAGS


def check_reversibility(case: Case) -> CheckResult:
    return _IRREVERSIBLE if case.request.action in IRREVERSIBLE else _REVERSIBLE
