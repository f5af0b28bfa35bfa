"""LIM-05: does the agent ask for far more than usual? The request that crosses the line is denied, and stops it."""

from governance.domain.anomaly import Finding
from governance.domain.budget_claims import BudgetClaim, volume_claims
from governance.domain.budget_window import a_window
from governance.domain.case import Case
from governance.domain.check_result import denied, failed, passed
from governance.domain.decision import CheckResult
from governance.domain.facts import Facts

ANOMALY = "anomaly_volume"
_USUAL = passed("anomaly", "the agent asks for no more than usual")


def check_anomaly(case: Case) -> CheckResult:
    claims = volume_claims(case.index, case.facts)
    if not claims:
        return _USUAL
    if case.facts.budgets is None:
        return failed("anomaly")
    crossed = next((claim for claim in claims if _used(case.facts, claim) + claim.amount > claim.limit), None)
    if crossed is None:
        return _USUAL
    usual = f"{crossed.limit} requests of {a_window(crossed.window)}"
    message = f"more than the {usual} that are usual for this agent: it is stopped"
    return denied("anomaly", "anomaly_volume", message)


def find_crossed(claims: tuple[BudgetClaim, ...], facts: Facts) -> Finding | None:
    """The first line that a request with these claims crosses."""
    for claim in claims:
        count = _used(facts, claim) + claim.amount
        if count > claim.limit:
            return Finding("volume", claim.window, count, claim.limit)
    return None


def _used(facts: Facts, claim: BudgetClaim) -> int:
    same = (claim.key, claim.value, claim.unit, claim.window)
    return sum(row.used for row in facts.budgets or () if (row.key, row.value, row.unit, row.window) == same)
