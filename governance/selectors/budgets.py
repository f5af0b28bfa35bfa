"""What is taken from budgets at this moment (LIM-01)."""

from collections.abc import Iterable
from uuid import UUID

from governance.models import BudgetCounter


def get_used(counters: Iterable[UUID]) -> dict[UUID, int]:
    """Counter → what is taken from it; a counter that nobody has drawn on is left out. One query."""
    rows = BudgetCounter.objects.filter(pk__in=set(counters))
    return dict(rows.values_list("pk", "used"))
