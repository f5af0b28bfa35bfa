"""LIM-01/03: is there room in every budget that the request draws on? The reservation asks once more, exactly."""

from collections.abc import Iterator
from math import ceil

from governance.domain.budget_claims import BudgetClaim, budget_claims, is_spend_budgeted
from governance.domain.budget_window import a_window, window_end
from governance.domain.case import Case
from governance.domain.check_result import denied, failed, passed
from governance.domain.decision import CheckResult

EXHAUSTED = "budget_exhausted"
_ROOM = passed("budgets", "every budget has room")
_UNBUDGETED = denied(
    "budgets", "spend_not_budgeted", "no budget of spend speaks for this currency: what none names is denied"
)


def check_budgets(case: Case) -> CheckResult:
    if not is_spend_budgeted(case.index.budgets, case.facts):
        return _UNBUDGETED
    claims = budget_claims(case.index.budgets, case.facts)
    if not claims:
        return _ROOM
    if case.facts.budgets is None:
        return failed("budgets")
    claim = next(_exhausted(claims, case), None)
    if claim is None:
        return _ROOM
    used = _used(case).get((claim.key, claim.value, claim.unit, claim.window), 0)
    unit = claim.unit.replace("_", " ")
    message = f"{used} of {claim.limit} {unit} of this {claim.window} are taken for `{claim.value}`"
    if claim.amount > claim.limit:
        message = f"it takes {claim.amount} {unit}, and {a_window(claim.window)} has {claim.limit} for `{claim.value}`"
    return denied("budgets", "budget_exhausted", message)


def retry_after_seconds(case: Case) -> int | None:
    """When every exhausted budget begins anew; None when the request is larger than a whole window, or none is."""
    exhausted = tuple(_exhausted(budget_claims(case.index.budgets, case.facts), case))
    if not exhausted or any(claim.amount > claim.limit for claim in exhausted):
        return None
    now = case.facts.now
    return max(1, *(ceil((window_end(claim.window, now) - now).total_seconds()) for claim in exhausted))


def _exhausted(claims: tuple[BudgetClaim, ...], case: Case) -> Iterator[BudgetClaim]:
    used = _used(case)
    for claim in claims:
        if used.get((claim.key, claim.value, claim.unit, claim.window), 0) + claim.amount > claim.limit:
            yield claim


def _used(case: Case) -> dict[tuple[str, str, str, str], int]:
    return {(row.key, row.value, row.unit, row.window): row.used for row in case.facts.budgets or ()}
