"""Pages of a ledger without counting it."""

from functools import cached_property

from django.core.paginator import Paginator
from django.db.models import QuerySet

MAX_ROWS = 5_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # generic in the stubs alone
    """Counts at most 5,000 rows, whatever the table holds: who looks for older ones narrows by time, agent or id."""

    @cached_property
    def count(self) -> int:
        return min(self._known, MAX_ROWS)

    @property
    def is_capped(self) -> bool:
        """Whether there are more than are counted: pages then say "5000+"."""
        return self._known > MAX_ROWS

    @cached_property
    def _known(self) -> int:
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return rows.order_by().values("pk")[: MAX_ROWS + 1].count()
        return min(len(rows), MAX_ROWS + 1)
