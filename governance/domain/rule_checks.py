"""The check on the rules that RevOps wrote: every match is kept, denials win, requirements add up (POL-04)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from governance.domain.action_class import NEEDS_RECORD
from governance.domain.case import Case
from governance.domain.check_result import denied, failed, needs_approval, not_asked, passed
from governance.domain.decision import CheckResult, FieldChange
from governance.domain.rule import RiskRule
from governance.domain.rule_book import ReadyRule, RulePlan
from governance.domain.rule_terms import Effect
from governance.domain.rule_view import RuleView, TextTooLongError
from governance.domain.vocabulary import RiskTier

_NONE_MATCHED = passed("rules", "no rule objects")
_NO_PATCH = not_asked("rules")
_GATED_FLAG = needs_approval("rules", "rule_gated_flag", "a rule gates this, and the agent flagged a risk")
_STRICTNESS = (RiskTier.AUTONOMOUS, RiskTier.GATED, RiskTier.APPROVAL, RiskTier.BLOCKED)


@dataclass(slots=True)
class RuleVerdict:
    """What the matching rules ask for together; `asks_tier_groups`: one wants approval and names no group."""

    checks: list[CheckResult] = field(default_factory=list)
    groups: set[str] = field(default_factory=set)
    alternatives: set[tuple[str, ...]] = field(default_factory=set)
    count: int = 0
    tier: str = RiskTier.AUTONOMOUS.value
    asks_tier_groups: bool = False


NO_VERDICT = RuleVerdict(checks=[_NONE_MATCHED])


def judge_rules(case: Case, patch: Sequence[FieldChange]) -> RuleVerdict:
    """Every rule that matches. Rules look at the patch as it would be written, after redirects."""
    plan = case.index.rules.plan(case)
    if not plan.general and not plan.by_field:
        return NO_VERDICT
    if not _has_record(case):
        return RuleVerdict(checks=[_NO_PATCH])
    return _judge(case, patch, plan)


def judge_rules_early(case: Case) -> list[CheckResult]:
    """The denials that hold whatever the record says; the others wait for it."""
    always = case.index.rules.plan(case).always
    return [*always, _NO_PATCH]


def stricter(one: str, other: str) -> str:
    """The stricter of two tiers. An unknown one is the strictest."""
    ranks = {tier.value: rank for rank, tier in enumerate(_STRICTNESS)}
    return max(one, other, key=lambda tier: ranks.get(tier, len(ranks)))


def _has_record(case: Case) -> bool:
    if case.request.action not in NEEDS_RECORD:
        return True
    return case.facts.record is not None and case.facts.record.exists


def _judge(case: Case, patch: Sequence[FieldChange], plan: RulePlan) -> RuleVerdict:
    verdict = RuleVerdict()
    view = case.index.rules.view(case, patch)
    for ready in plan.candidates(patch):
        try:
            is_match = _matches(ready, view)
        except TextTooLongError:
            check = f"rule:{ready.rule.key}"
            verdict.checks.append(denied(check, "text_too_long", "the text is too long for the rules to look through"))
        except Exception:  # noqa: BLE001 - an error while deciding denies
            verdict.checks.append(failed(f"rule:{ready.rule.key}"))
        else:
            if is_match:
                _add(verdict, ready.rule, ready.result)
    if verdict.tier == RiskTier.GATED and case.request.risk_flags:
        verdict.checks.append(_GATED_FLAG)
        verdict.asks_tier_groups = True
    if not verdict.checks:
        verdict.checks.append(_NONE_MATCHED)
    return verdict


def _matches(ready: ReadyRule, view: RuleView) -> bool:
    return all(holds(view) for holds in ready.open)


def _add(verdict: RuleVerdict, rule: RiskRule, result: CheckResult) -> None:
    verdict.checks.append(result)
    if rule.effect == Effect.RAISE_TIER:
        verdict.tier = stricter(verdict.tier, rule.tier)
        verdict.asks_tier_groups = verdict.asks_tier_groups or rule.tier == RiskTier.APPROVAL
    elif rule.effect == Effect.APPROVAL:
        verdict.groups.update(rule.groups)
        if rule.any_groups:
            verdict.alternatives.add(rule.any_groups)
        verdict.count = max(verdict.count, rule.count)
        verdict.asks_tier_groups = verdict.asks_tier_groups or not (rule.groups or rule.any_groups)
