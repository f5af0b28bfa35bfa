"""Which budgets cannot be published: unknown words, impossible sizes, two for the same thing."""

from collections.abc import Iterator

from governance.domain.budget_window import a_window
from governance.domain.compile_error import CompileError
from governance.domain.document import BudgetRule, PolicyDocument
from governance.domain.vocabulary import BudgetKey, BudgetUnit, BudgetWindow

MAX_LIMIT = 10**15
_KEYS, _UNITS, _WINDOWS = frozenset(BudgetKey), frozenset(BudgetUnit), frozenset(BudgetWindow)


def name_budget(rule: BudgetRule) -> str:
    """The row as people know it."""
    whose = f"`{rule.scope}`" if rule.scope else f"each {rule.key.replace('_', ' ')}"
    unit = f"{rule.unit} in {rule.currency}" if rule.currency else rule.unit
    if rule.segment_field:
        whose += f" by `{rule.segment_field}`"
    return f"budget of {unit} {a_window(rule.window)} for {whose} ({rule.key})"


def budget_errors(document: PolicyDocument) -> Iterator[CompileError]:
    seen: set[str] = set()
    fields = {rule.field for rule in document.fields}
    agents = {grant.agent for grant in document.grants}
    for rule in document.budgets:
        row = name_budget(rule)
        if row in seen:
            yield CompileError(row, "budget_twice", "two budgets say how much the same thing may take")
        seen.add(row)
        closed = (("key", rule.key, _KEYS), ("unit", rule.unit, _UNITS), ("window", rule.window, _WINDOWS))
        for word, value, known in closed:
            if value not in known:
                yield CompileError(row, "unknown_value", f"the {word} `{value}` does not exist")
        if not 0 <= rule.limit <= MAX_LIMIT:
            yield CompileError(row, "budget_out_of_range", f"a limit lies between 0 and {MAX_LIMIT}")
        if (rule.unit == BudgetUnit.SPEND) != bool(rule.currency):
            yield CompileError(row, "budget_currency", "a budget of spend names its currency, and no other one does")
        if (rule.key == BudgetKey.SEGMENT) != bool(rule.segment_field):
            yield CompileError(row, "budget_segment", "a budget by segment names its field, and no other one does")
        elif rule.segment_field and rule.segment_field not in fields:
            yield CompileError(row, "unknown_field", f"the field `{rule.segment_field}` is not registered")
        if rule.key == BudgetKey.AGENT and rule.scope and rule.scope not in agents:
            yield CompileError(row, "unknown_agent", f"no grant names the agent `{rule.scope}`")
