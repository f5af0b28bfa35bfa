"""The psycopg side of `audit.selectors.prepared`."""

from functools import lru_cache
from itertools import count
from typing import Any

from django.db.backends.postgresql import base
from psycopg.raw_cursor import RawCursorMixin

_ServerBindingCursor: Any = base.ServerBindingCursor
_RawCursorMixin: Any = RawCursorMixin


class PreparedCursor(_RawCursorMixin, _ServerBindingCursor):  # type: ignore[misc]  # Any as bases
    """Prepares each statement at its first use, and parses its placeholders once per process.

    psycopg itself remembers how it parsed short statements only (its `MAX_CACHED_STATEMENT_PARAMS` is 50). Answers come
    in binary when `is_binary` is set: bytes then travel as they are, not as twice as many hexadecimal digits.
    """

    is_binary = False

    def execute(self, query: str, params: Any = None, **_: Any) -> Any:
        return super().execute(_number_placeholders(query), params, prepare=True, binary=self.is_binary)


@lru_cache(maxsize=512)
def _number_placeholders(query: str) -> bytes:
    """`%s` as PostgreSQL's own `$1`, `$2` …; no statement of ours holds another percent sign."""
    numbers = count(1)
    first, *rest = query.split("%s")
    return (first + "".join(f"${next(numbers)}{part}" for part in rest)).encode()
