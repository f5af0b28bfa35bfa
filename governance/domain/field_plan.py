"""FieldPlan: all that policy alone says about one field for one kind of actor, ready before the first request."""

from dataclasses import dataclass

import msgspec

from governance.domain.check_result import DENY, PASS, REDIRECT, denied, needs_approval, passed
from governance.domain.decision import CheckResult
from governance.domain.document import FieldRule
from governance.domain.field_checks import REDIRECTABLE, judge_field
from governance.domain.judged import Judged
from governance.domain.validation import Validator, compile_validator

PROMOTES = "promotes_on_approval"
"""Code of the check that says so: what is approved with it is promoted."""


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """`results` are the static checks. `redirected` are the same, with all that did not pass turned into a redirect.

    `redirected` is empty when the field has no suggestion field or is denied for a reason that no suggestion can mend.
    `redirect_code` is the first reason, `field_not_granted` when only the grant could stand in the way. `accepted` is
    what a granted and valid value adds to the decision: the common case, ready as one tuple. `promoting` is what a
    redirect adds where approval promotes (REG-06).
    """

    rule: FieldRule
    results: tuple[CheckResult, ...]
    is_denied: bool
    redirected: tuple[CheckResult, ...]
    redirect_code: str
    validate: Validator
    valid: CheckResult
    accepted: tuple[CheckResult, ...]
    granted: CheckResult
    not_granted: CheckResult
    not_granted_redirected: CheckResult
    no_suggestion: CheckResult
    promoting: tuple[CheckResult, ...]


def plan_field(rule: FieldRule, judged: Judged) -> FieldPlan:
    """Make the plan of one field. Pure: the same rule always gives an equal plan."""
    results = judge_field(rule, judged)
    denials = [result for result in results if result.outcome == DENY]
    can_redirect = (
        judged is Judged.AGENT
        and rule.suggestion_field != ""
        and all(denial.code in REDIRECTABLE for denial in denials)
    )
    not_granted = denied("scope", "field_not_granted", f"no grant names `{rule.field}` for writing", rule.field)
    granted = passed("scope", f"`{rule.field}` may be written", rule.field)
    valid = passed("validation", f"the value for `{rule.field}` is valid", rule.field)
    return FieldPlan(
        rule=rule,
        results=results,
        is_denied=bool(denials),
        redirected=tuple(_redirect(result, rule) for result in results) if can_redirect else (),
        redirect_code=denials[0].code if denials else not_granted.code,
        validate=compile_validator(rule),
        valid=valid,
        accepted=(*results, granted, valid),
        granted=granted,
        not_granted=not_granted,
        not_granted_redirected=_redirect(not_granted, rule),
        no_suggestion=denied(
            "redirect",
            "suggestion_unavailable",
            f"the agent may not write `{rule.suggestion_field}`, where suggestions for `{rule.field}` go",
            rule.field,
        ),
        promoting=(needs_approval("promotion", "promotes_on_approval", _promotion_words(rule), rule.field),)
        if rule.promote_on_approval
        else (),
    )


def _promotion_words(rule: FieldRule) -> str:
    return f"approving the suggestion also writes `{rule.field}`, in the name of who approves"


def _redirect(result: CheckResult, rule: FieldRule) -> CheckResult:
    if result.outcome == PASS:
        return result
    message = f"{result.message}; the value goes to `{rule.suggestion_field}`"
    return msgspec.structs.replace(result, outcome=REDIRECT, message=message)
