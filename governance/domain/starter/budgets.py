"""The starter's budgets: the defaults of LIM-02 as rows that RevOps can change, and wider nets around them."""

from governance.domain.budget_defaults import DEFAULT_BUDGETS
from governance.domain.document import BudgetRule

STARTER_BUDGETS: tuple[BudgetRule, ...] = (
    *DEFAULT_BUDGETS,
    BudgetRule(key="workspace", unit="writes", window="day", limit=5_000),
    BudgetRule(key="recipient_domain", unit="sends", window="day", limit=10),
    BudgetRule(key="workspace", unit="api_calls", window="minute", limit=10_000),
    BudgetRule(key="agent", unit="spend", window="day", limit=20_000_000, currency="USD"),
)
