"""Which anomaly rules cannot be published."""

from collections.abc import Iterator

from governance.domain.budget_window import a_window
from governance.domain.compile_error import CompileError
from governance.domain.document import AnomalyRule, PolicyDocument
from governance.domain.vocabulary import AnomalySignal, BudgetWindow

MAX_FLOOR, MAX_FACTOR = 10**9, 1_000.0
_SIGNALS, _WINDOWS = frozenset(AnomalySignal), frozenset(BudgetWindow)


def name_anomaly(rule: AnomalyRule) -> str:
    """The row as people know it."""
    return f"anomaly stop of {rule.signal} {a_window(rule.window)} for `{rule.scope or 'each agent'}`"


def anomaly_errors(document: PolicyDocument) -> Iterator[CompileError]:
    seen: set[str] = set()
    agents = {grant.agent for grant in document.grants}
    for rule in document.anomalies:
        row = name_anomaly(rule)
        if row in seen:
            yield CompileError(row, "anomaly_twice", "two rows say what is unusual of the same thing")
        seen.add(row)
        for word, value, known in (("signal", rule.signal, _SIGNALS), ("window", rule.window, _WINDOWS)):
            if value not in known:
                yield CompileError(row, "unknown_value", f"the {word} `{value}` does not exist")
        if not 1 <= rule.floor <= MAX_FLOOR or not 1 <= rule.factor <= MAX_FACTOR:
            message = f"a floor lies between 1 and {MAX_FLOOR}, a factor between 1 and {MAX_FACTOR:.0f}"
            yield CompileError(row, "anomaly_out_of_range", message)
        if rule.scope and rule.scope not in agents:
            yield CompileError(row, "unknown_agent", f"no grant names the agent `{rule.scope}`")
