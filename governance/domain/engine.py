"""The engine: one proposal, one published policy, one answer (POL-01). Pure, deterministic, and it never raises.

Third of the six files that tell one request's way (docs/architecture.md). All checks run and are kept, so that a
reviewer sees every one; those that a denial made idle are kept as not asked. DENY outweighs REQUIRE_APPROVAL outweighs
ALLOW, and an error in a check denies, as does one between the checks, which then are not kept. A decision touches only
the rules of its own agent, object and fields: its cost does not grow with the document.
"""

from collections.abc import Callable

from governance.domain import (
    action_checks,
    actor_checks,
    anomaly_checks,
    breaker_checks,
    budget_checks,
    closed_checks,
    delegation_checks,
    dnc_checks,
    export_checks,
    frequency_checks,
    recipient_checks,
    record_checks,
    scope_checks,
    transition_checks,
)
from governance.domain.action_class import SENDS
from governance.domain.case import Case, open_case
from governance.domain.check_result import DENY, REQUIRE_APPROVAL, denied, failed, not_asked, passed
from governance.domain.correction_checks import CORRECTED, ask_no_less
from governance.domain.decision import CheckResult, Decision, FieldChange, Outcome
from governance.domain.facts import Facts
from governance.domain.freshness_checks import STILL_FRESH, check_freshness, freshness_wait
from governance.domain.index import PolicyIndex
from governance.domain.judged import Judged
from governance.domain.provenance import sign_patch
from governance.domain.redirect import Placement, place_changes
from governance.domain.requirement import merge_requirements
from governance.domain.routing import field_owners
from governance.domain.rule_checks import RuleVerdict, judge_rules, judge_rules_early, stricter
from governance.domain.vocabulary import RiskTier

Check = tuple[str, Callable[[Case], CheckResult]]
Patch = tuple[FieldChange, ...]

_EVERYONE: tuple[Check, ...] = (
    ("correlation", actor_checks.check_correlation),
    ("workspace", actor_checks.check_workspace),
    ("identity", actor_checks.check_identity),
    ("connection", scope_checks.check_connection),
    ("switch_all", scope_checks.check_switch_all),
    ("switch_write_back", scope_checks.check_switch_write_back),
    ("switch_send", scope_checks.check_switch_send),
    ("object", scope_checks.check_object),
    ("action", action_checks.check_action),
)
_AGENTS: tuple[Check, ...] = (
    ("lifecycle", actor_checks.check_lifecycle),
    ("credential", actor_checks.check_credential),
    ("autonomy", actor_checks.check_autonomy),
    ("switch_agent", scope_checks.check_switch_agent),
    ("switch_read_only", scope_checks.check_switch_read_only),
    ("breaker", breaker_checks.check_breaker),
    ("grant", scope_checks.check_grant),
    ("target", scope_checks.check_target),
    ("expected", scope_checks.check_expected),
    ("evidence", action_checks.check_evidence),
    ("confidence", action_checks.check_confidence),
    ("risk_flags", action_checks.check_risk_flags),
    ("reversibility", action_checks.check_reversibility),
    ("export", export_checks.check_export),
)
_PEOPLE: tuple[Check, ...] = (("role", actor_checks.check_role),)

# Which checks on the request apply to whom; `judged.FIELD_CHECKS` says the same of the checks on a field.
REQUEST_CHECKS: dict[Judged, tuple[Check, ...]] = {
    Judged.AGENT: _EVERYONE + _AGENTS,
    Judged.HUMAN: _EVERYONE + _PEOPLE,
    Judged.REVERT: _EVERYONE + _PEOPLE,
}

_TOUCHING: tuple[Check, ...] = (
    ("recipients", recipient_checks.check_recipients),
    ("dnc", dnc_checks.check_dnc),
    ("frequency", frequency_checks.check_frequency),
)

# Checks on facts that are looked up only for a request which nothing above denies.
WORLD_CHECKS: dict[Judged, tuple[Check, ...]] = {
    Judged.AGENT: (
        ("delegation", delegation_checks.check_delegation),
        ("risk_tier", action_checks.check_risk_tier),
        *_TOUCHING,
        ("budgets", budget_checks.check_budgets),
        ("breaker_probes", breaker_checks.check_probes),
        ("anomaly", anomaly_checks.check_anomaly),
    ),
    Judged.HUMAN: _TOUCHING,
    Judged.REVERT: (),
}

# Of these, what is settled already for a request that needs nothing looked up.
_SETTLED: dict[str, Callable[[Case], bool]] = {
    "delegation": delegation_checks.names_nobody,
    "risk_tier": action_checks.is_open_tier,
}

# What is asked of the patch; a revert puts back what the CRM has held before.
_PATCH_CHECKS: tuple[tuple[str, Callable[[Case, Placement, Patch], CheckResult]], ...] = (
    ("required", lambda case, placement, _: record_checks.check_required(case, placement)),
    ("stage", lambda case, _, patch: record_checks.check_stage(case, patch)),
    ("transition", lambda case, _, patch: transition_checks.check_transition(case, patch)),
    ("score", lambda case, placement, patch: transition_checks.check_score(case, patch, placement.targets)),
)

# As far as policy tells: whether a group has members who may vote is seen when votes are counted.
_APPROVERS = passed("approvers", "someone can give every approval that is needed")
_NO_APPROVERS = denied("approvers", "no_approver_group", "approval is needed and policy names no group to give it")


def decide(index: PolicyIndex, facts: Facts) -> Decision:
    """Judge one proposal. Never raises: whatever goes wrong is a denial with code `check_failed`."""
    try:
        case = open_case(index, facts)
        placement = _judge(case)
        _run(WORLD_CHECKS[case.judged], case, placement.checks)
        patch = _judge_record(case, placement)
        verdict = judge_rules(case, patch)
        return _conclude(case, placement, sign_patch(case, patch), verdict)
    except Exception:  # noqa: BLE001 - an error while deciding denies
        return _broken(index)


def decide_without_record(index: PolicyIndex, facts: Facts) -> Decision | None:
    """The denial that nothing further could lift, so that intake need look nothing up for it; None when there is none.

    Neither the record nor anything else that is looked up (recipients, lists, budgets) is asked for. Never raises.
    """
    try:
        case = open_case(index, facts)
        placement = _judge(case)
        for name, check in WORLD_CHECKS[case.judged]:
            is_settled = name in _SETTLED and _SETTLED[name](case)
            placement.checks.append(check(case) if is_settled else not_asked(name))
        if record_checks.needs_record(case) or case.request.action in SENDS:
            placement.checks += record_checks.judge_unread(case)
        else:
            _judge_record(case, placement)
        placement.checks += judge_rules_early(case)
        is_final = any(check.outcome == DENY for check in placement.checks)
        return _conclude(case, placement, (), RuleVerdict()) if is_final else None
    except Exception:  # noqa: BLE001 - an error while deciding denies
        return _broken(index)


def _judge(case: Case) -> Placement:
    checks: list[CheckResult] = []
    _run(REQUEST_CHECKS[case.judged], case, checks)
    placement = Placement(checks)
    place_changes(case, placement)
    if case.facts.closed_fields:
        checks += closed_checks.check_closed(case, placement)
    return placement


def _run(table: tuple[Check, ...], case: Case, checks: list[CheckResult]) -> None:
    for name, check in table:
        try:
            checks.append(check(case))
        except Exception:  # noqa: BLE001 - an error while deciding denies
            checks.append(failed(name))


def _judge_record(case: Case, placement: Placement) -> Patch:
    """The patch, empty when it could not be made: then nothing can be asked of it."""
    checks = placement.checks
    try:
        checks.append(record_checks.check_record(case))
    except Exception:  # noqa: BLE001 - an error while deciding denies
        checks.append(failed("record"))
    try:
        patch = record_checks.make_patch(case, placement.targets)
    except Exception:  # noqa: BLE001 - an error while deciding denies
        checks.append(failed("diff"))
        checks.extend(not_asked(name) for name in (*dict(_PATCH_CHECKS), "freshness"))
        return ()
    try:
        checks.append(record_checks.check_diff(case, patch, is_whole=placement.is_whole))
    except Exception:  # noqa: BLE001 - an error while deciding denies
        checks.append(failed("diff"))
    if case.judged is not Judged.REVERT:
        _judge_patch(case, placement, patch)
    return patch


def _judge_patch(case: Case, placement: Placement, patch: Patch) -> None:
    checks = placement.checks
    for name, check in _PATCH_CHECKS:
        try:
            checks.append(check(case, placement, patch))
        except Exception:  # noqa: BLE001 - an error while deciding denies
            checks.append(failed(name))
    try:
        checks.extend(check_freshness(case, patch))
        placement.wait_seconds = freshness_wait(case, patch)
    except Exception:  # noqa: BLE001 - an error while deciding denies
        checks.append(failed("freshness"))


def _conclude(case: Case, placement: Placement, patch: Patch, rules: RuleVerdict) -> Decision:
    checks = placement.checks
    is_tier_asked = rules.asks_tier_groups or any(check.outcome == REQUIRE_APPROVAL for check in checks)
    owners = field_owners(case, checks) if is_tier_asked else ()
    checks += rules.checks
    if case.facts.correction is not None:
        checks.append(CORRECTED)
    outcomes = {check.outcome for check in checks}
    is_denied = DENY in outcomes
    is_reviewed = REQUIRE_APPROVAL in outcomes
    requirement = None
    if is_reviewed:
        asked = merge_requirements(case.rule, rules, is_tier_asked=is_tier_asked, owners=owners)
        requirement = ask_no_less(asked, case.facts.correction, is_asked=is_tier_asked)
    if is_reviewed and requirement is None:
        checks.append(_NO_APPROVERS)
        is_denied = True
    else:
        checks.append(_APPROVERS)
    outcome = Outcome.ALLOW
    if is_denied:
        outcome, patch, requirement = Outcome.DENY, (), None  # what is denied shows nothing of the record
    elif is_reviewed:
        outcome = Outcome.REQUIRE_APPROVAL
    tier = case.rule.risk_tier if case.rule is not None else RiskTier.BLOCKED.value
    return Decision(
        outcome=outcome.value,
        policy_version=case.index.version,
        risk_tier=stricter(tier, rules.tier) if rules.tier != RiskTier.AUTONOMOUS else tier,
        checks=tuple(checks),
        patch=patch,
        redirects=tuple(placement.redirects),
        requirement=requirement,
        expires_after_seconds=case.rule.expires_after_seconds if case.rule is not None else 86_400,
        hold_seconds=case.rule.hold_seconds if case.rule is not None else 0,
        retry_after_seconds=_wait_seconds(case, checks, placement.wait_seconds) if is_denied else None,
    )


# What a limit denies, with how long it will: the others deny for good.
_LIMITS: tuple[tuple[str, Callable[[Case], int | None]], ...] = (
    (budget_checks.EXHAUSTED, budget_checks.retry_after_seconds),
    (frequency_checks.CAPPED, frequency_checks.frequency_wait_seconds),
    (breaker_checks.BREAKER_OPEN, breaker_checks.retry_after_seconds),
)


def _wait_seconds(case: Case, checks: list[CheckResult], window_seconds: int | None) -> int | None:
    """When every limit that denied will have room again and every fresh field may be refreshed; None when neither
    denied, or for one waiting is of no use."""
    codes = {check.code for check in checks if check.outcome == DENY}
    waits = [wait(case) for code, wait in _LIMITS if code in codes]
    if STILL_FRESH in codes:
        waits.append(window_seconds)
    return None if not waits or None in waits else max(wait for wait in waits if wait is not None)


def _broken(index: PolicyIndex) -> Decision:
    return Decision(
        outcome=Outcome.DENY.value,
        policy_version=str(getattr(index, "version", "")),
        risk_tier=RiskTier.BLOCKED.value,
        checks=(failed("facts"),),
    )
