"""What is taken from budgets at this moment (LIM-01)."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from audit.selectors.kept_query import KeptQuery
from governance.domain.budget_state import Counted
from governance.domain.budget_window import window_start
from governance.domain.vocabulary import BudgetWindow
from governance.models import BudgetCounter


def get_used(counters: Iterable[UUID]) -> dict[UUID, int]:
    """Counter → what is taken from it; a counter that nobody has drawn on is left out. One query."""
    wanted = tuple(sorted(set(counters)))
    return dict(_USED.fetch(wanted) if len(wanted) <= _KEPT else _list_used(wanted))


def _list_used(counters: Collection[UUID]) -> QuerySet[BudgetCounter, tuple[UUID, int]]:
    return BudgetCounter.objects.filter(pk__in=counters).values_list("pk", "used")


_USED = KeptQuery(_list_used)
_KEPT = 12
"""As many counters as one request draws on, with some to spare."""


def get_counted(workspace_id: UUID, *, now: datetime, values: Collection[str] = ()) -> Counted:
    """What is taken in the windows of `now`, of all values of keys or of these. One query."""
    current = Q()
    for window in BudgetWindow:
        current |= Q(window=window, starts_at=window_start(window, now))
    rows = BudgetCounter.objects.filter(current, workspace=workspace_id, used__gt=0)
    if values:
        rows = rows.filter(value__in=values)
    return {
        (key, value, unit, window): used
        for key, value, unit, window, used in rows.values_list("key", "value", "unit", "window", "used")
    }
