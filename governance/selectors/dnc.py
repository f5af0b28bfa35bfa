"""Who is listed? Asked before every send, by digest alone: as fast with ten million entries as with ten (DNC-01)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from audit.selectors.prepared import prepared_cursor

_CHUNK = 500  # parameters a statement on SQLite
_TEMPLATE = """
SELECT e.digest, e.id, COALESCE(p.kind, e.kind), e.brand
FROM governance_dncentry e LEFT JOIN governance_dncentry p ON p.id = e.parent_id
WHERE e.digest {among} AND e.removed_at IS NULL AND e.effective_from <= %s
  AND (e.effective_until IS NULL OR e.effective_until > %s)
ORDER BY e.id
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry in force. `kind` is that of the person or company whose address it is, else its own."""

    entry_id: UUID
    kind: str
    brand: str


def find_listed(digests: Iterable[bytes], *, now: datetime) -> dict[bytes, list[Listed]]:
    """The entries in force behind each digest that has any. One query (on SQLite one for 500 digests)."""
    wanted = list(dict.fromkeys(digests))
    found: dict[bytes, list[Listed]] = {}
    for digest, entry_id, kind, brand in _rows(wanted, now):
        listed = Listed(entry_id if isinstance(entry_id, UUID) else UUID(entry_id), kind, brand)
        found.setdefault(bytes(digest), []).append(listed)
    return found


def _rows(digests: Sequence[bytes], now: datetime) -> list[tuple[Any, ...]]:
    if not digests:
        return []
    if connection.vendor == "postgresql":
        return _fetch(_TEMPLATE.format(among="= ANY(%s)"), [list(digests), now, now])
    at = connection.ops.adapt_datetimefield_value(now)
    rows: list[tuple[Any, ...]] = []
    for start in range(0, len(digests), _CHUNK):
        chunk = digests[start : start + _CHUNK]
        rows += _fetch(_TEMPLATE.format(among=f"IN ({', '.join(['%s'] * len(chunk))})"), [*chunk, at, at])
    return rows


def _fetch(statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with prepared_cursor(is_binary=True) as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
