"""Golden cases in the pure engine: does a policy still decide as people said that it must? (POL-05)"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from governance.domain.action_class import NEEDS_RECORD
from governance.domain.decision import CheckOutcome, CheckResult, Decision
from governance.domain.engine import decide, decide_without_record
from governance.domain.facts import Facts, JsonValue
from governance.domain.index import PolicyIndex


class Golden(msgspec.Struct, frozen=True, kw_only=True):
    """One case. `id` is its row's, `codes` the reason codes that must be among the decision's."""

    id: str
    name: str
    facts: JsonValue
    outcome: str
    codes: tuple[str, ...] = ()


class GoldenResult(msgspec.Struct, frozen=True, kw_only=True):
    """`differences` says in words what came out otherwise; it is empty for a case that holds."""

    id: str
    name: str
    outcome: str
    codes: tuple[str, ...]
    differences: tuple[str, ...]

    @property
    def is_kept(self) -> bool:
        return not self.differences


_OUTCOMES = {"allow": "allowed", "require_approval": "put to a person", "deny": "refused"}


def run_golden(index: PolicyIndex, cases: Iterable[Golden]) -> tuple[GoldenResult, ...]:
    """Every case asked of one policy, in the order given. Never raises: facts that cannot be read fail their case."""
    return tuple(_run(index, case) for case in cases)


def decide_stored(index: PolicyIndex, facts: Facts) -> Decision | None:
    """The decision that this policy makes on stored facts.

    None where the record was never read and this policy would want to look at it: then the facts do not say.
    """
    if facts.record is None:
        early = decide_without_record(index, facts)
        if early is not None or facts.request.action in NEEDS_RECORD:
            return early
    return decide(index, facts)


def reason_codes(decision: Decision) -> tuple[str, ...]:
    """The codes that shaped the outcome, sorted, each once."""
    return tuple(sorted({check.code for check in decision.reasons}))


def golden_codes(decision: Mapping[str, JsonValue]) -> list[str]:
    """The reason codes of a stored decision, as a case expects them."""
    told = [check for check in decision.get("checks", ()) if check["outcome"] not in {"pass", "not_run"}]
    return sorted({str(check["code"]) for check in told})


def find_faults(facts: JsonValue, codes: JsonValue) -> Iterator[tuple[str, str]]:
    """What keeps a case from being asked, as pairs of member and words."""
    try:
        msgspec.convert(facts, Facts)
    except msgspec.ValidationError as error:
        yield "facts", f"the engine cannot read this: {error}"
    if not isinstance(codes, list) or not all(isinstance(code, str) and code for code in codes):
        yield "expected_codes", "give a list of reason codes"


def _run(index: PolicyIndex, case: Golden) -> GoldenResult:
    try:
        decision = decide_stored(index, msgspec.convert(case.facts, Facts))
    except msgspec.ValidationError as error:
        return _result(case, "", (), (f"its facts cannot be read: {error}",))
    if decision is None:
        return _result(case, "", (), ("this policy wants to look at the record, and the case holds none",))
    codes = reason_codes(decision)
    return _result(case, decision.outcome, codes, tuple(_differences(case, decision, codes)))


def _result(case: Golden, outcome: str, codes: tuple[str, ...], differences: tuple[str, ...]) -> GoldenResult:
    return GoldenResult(id=case.id, name=case.name, outcome=outcome, codes=codes, differences=differences)


def _differences(case: Golden, decision: Decision, codes: tuple[str, ...]) -> Iterator[str]:
    if decision.outcome != case.outcome:
        deciding = next((check for check in decision.checks if check.outcome == decision.outcome), None)
        yield f"it would be {_word(decision.outcome)}, not {_word(case.outcome)}{_because(deciding)}"
    for code in sorted(set(case.codes) - set(codes)):
        yield f"the reason {code} is no longer given"


def _because(check: CheckResult | None) -> str:
    if check is None or check.outcome == CheckOutcome.PASS:
        return ""
    field = f" on {check.field}" if check.field else ""
    return f": the check {check.check}{field} says {check.code}"


def _word(outcome: str) -> str:
    return _OUTCOMES.get(outcome, outcome)
