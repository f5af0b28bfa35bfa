"""LIM-04: does a circuit breaker stop this class of action, and if it is being tried out, is a probe left?"""

from datetime import timedelta
from math import ceil

from governance.domain.breaker import PROBES, find_open
from governance.domain.budget_claims import BudgetClaim, probe_claims
from governance.domain.case import Case
from governance.domain.check_result import denied, failed, passed
from governance.domain.decision import CheckResult

BREAKER_OPEN = "breaker_open"
TRY_AGAIN = timedelta(seconds=30)
"""When to come back while others try a half-open breaker out."""

_CLOSED = passed("breaker", "no circuit breaker stops it")
_FREE = passed("breaker_probes", "no circuit breaker is being tried out")


def check_breaker(case: Case) -> CheckResult:
    if case.switches.breakers is None:
        return failed("breaker")
    found = find_open(case.index.breakers, case.facts) if case.switches.breakers else None
    if found is None:
        return _CLOSED
    rule, until = found
    why = f" ({rule.reason})" if rule.reason else ""
    message = f"the circuit breaker `{rule.name}` stopped this after too many {rule.signal}{why}; it is tried out again"
    return denied("breaker", "breaker_open", f"{message} from {until:%Y-%m-%d %H:%M:%S} UTC on")


def check_probes(case: Case) -> CheckResult:
    """A half-open breaker lets its probes through and nobody else; the reservation counts them exactly."""
    claims = probe_claims(case.index, case.facts)
    if not claims:
        return _FREE
    if case.facts.budgets is None:
        return failed("breaker_probes")
    taken = next((claim for claim in claims if _used(case, claim) + claim.amount > claim.limit), None)
    if taken is None:
        return passed("breaker_probes", "it is one of the probes of a half-open circuit breaker")
    message = f"the circuit breaker `{taken.value}` is being tried out, and its {taken.limit} probes are taken"
    return denied("breaker_probes", "breaker_open", message)


def retry_after_seconds(case: Case) -> int | None:
    """When the breakers that denied may let it through; None when none did."""
    found = find_open(case.index.breakers, case.facts)
    if found is not None:
        return max(1, ceil((found[1] - case.facts.now).total_seconds()))
    is_taken = case.facts.budgets is not None and any(
        _used(case, claim) + claim.amount > claim.limit for claim in probe_claims(case.index, case.facts)
    )
    return int(TRY_AGAIN.total_seconds()) if is_taken else None


def _used(case: Case, claim: BudgetClaim) -> int:
    return sum(row.used for row in case.facts.budgets or () if (row.key, row.value) == (PROBES, claim.value))
