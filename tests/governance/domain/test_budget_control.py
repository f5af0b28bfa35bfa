"""Which budgets count as a control: set by RevOps, of a unit that the action takes, for this agent (PRM-08)."""

import pytest

from governance.domain.budget_claims import is_budgeted
from governance.domain.budget_table import make_budget_table
from governance.domain.document import BudgetRule


def rule(**changes):
    return BudgetRule(**{"key": "agent", "unit": "writes", "window": "day", "limit": 50, **changes})


@pytest.mark.parametrize(
    ("rules", "is_limited"),
    [
        ((), False),
        ((rule(),), True),
        ((rule(unit="sends"),), False),
        ((rule(scope="agent.other"),), False),
        ((rule(scope="agent.enrichment"),), True),
        ((rule(key="mailbox", scope="agent.enrichment"),), False),
    ],
)
def test_a_budget_counts_when_it_holds_for_the_agents_action(rules, is_limited):
    assert is_budgeted(make_budget_table(rules), "update", "agent.enrichment") is is_limited
