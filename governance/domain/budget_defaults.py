"""LIM-02: the budgets that hold where RevOps set none. What is not budgeted is not unlimited."""

from governance.domain.document import BudgetRule
from governance.domain.vocabulary import BudgetKey, BudgetUnit, BudgetWindow

DEFAULT_BUDGETS: tuple[BudgetRule, ...] = (
    BudgetRule(key=BudgetKey.AGENT.value, unit=BudgetUnit.WRITES.value, window=BudgetWindow.HOUR.value, limit=60),
    BudgetRule(key=BudgetKey.RECORD.value, unit=BudgetUnit.WRITES.value, window=BudgetWindow.DAY.value, limit=20),
    BudgetRule(key=BudgetKey.MAILBOX.value, unit=BudgetUnit.SENDS.value, window=BudgetWindow.DAY.value, limit=25),
    BudgetRule(key=BudgetKey.AGENT.value, unit=BudgetUnit.ENROLMENTS.value, window=BudgetWindow.HOUR.value, limit=10),
    BudgetRule(key=BudgetKey.AGENT.value, unit=BudgetUnit.BOOKINGS.value, window=BudgetWindow.DAY.value, limit=5),
    BudgetRule(key=BudgetKey.AGENT.value, unit=BudgetUnit.EXPORTS.value, window=BudgetWindow.DAY.value, limit=5),
)
