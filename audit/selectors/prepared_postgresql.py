"""The psycopg side of `audit.selectors.prepared`."""

from typing import Any

from django.db.backends.postgresql import base

_ServerBindingCursor: Any = base.ServerBindingCursor


class PreparedCursor(_ServerBindingCursor):  # type: ignore[misc]  # Any as a base
    """Prepares each statement at its first use."""

    def execute(self, query: Any, params: Any = None, **_: Any) -> Any:
        return super().execute(query, params, prepare=True)
