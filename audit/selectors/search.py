"""Searching the ledger: a page costs the same whether thousand or ten million events lie there (AUD-04).

The rarest criterion leads: its index is walked from the newest on, and each event met is asked for the others. After
`SCANNED` events a page ends even when it is not full, and says where to go on.
"""

from typing import Any
from uuid import UUID

from django.db import connection

from audit.domain.search import Found, Search
from audit.models import LedgerEvent

SCANNED = 5_000
COUNTED = 1_000
_LOOKED_AT = 2_000  # while counting
_WEIGHED = 2_000
_TERM = "SELECT event_id AS id FROM audit_searchterm WHERE term = %s"
_COLUMNS = "SELECT id, type, workspace, correlation_id, at FROM audit_ledgerevent WHERE {column} = %s"
# A scalar subquery, which no planner turns into a join over all that has the term.
_HAS_TERM = "(SELECT 1 FROM audit_searchterm t WHERE t.term = %s AND t.event_id = d.id) = 1"
_HAS_COLUMNS = "(SELECT 1 FROM audit_ledgerevent e WHERE e.id = d.id AND {conditions}) = 1"
_WALK = " AND id >= %s AND id < %s ORDER BY id DESC LIMIT %s"
_Part = tuple[str, list[Any]]


def search_events(search: Search, *, before: UUID | None = None, limit: int = 50) -> Found:
    """Ids of what matches, newest first. `before`: `next` of the page before. At most three queries."""
    walk = _walk(search, before)
    rows = _ids(walk, search, limit + 1)
    if len(rows) > limit:
        return Found(tuple(rows[:limit]), rows[limit - 1], is_whole=True)
    end = _end_of(walk)
    return Found(tuple(rows), end, is_whole=end is None)


def count_found(search: Search) -> int:
    """How many match at least: up to `COUNTED` + 1, among the newest events that have the rarest criterion."""
    walk = _walk(search, None)
    walk.parameters[-1] = _LOOKED_AT
    return len(_ids(walk, search, COUNTED + 1))


class _Walk:
    """The criterion that leads: one index, from the newest on."""

    def __init__(self, lead: tuple[str, Any], bounds: tuple[UUID, UUID]) -> None:
        self.column, self.value = lead
        self.is_term = self.column == "term"
        statement = _TERM if self.is_term else _COLUMNS.format(column=self.column)
        walk = _WALK.replace("id ", "event_id ") if self.is_term else _WALK
        self.statement = statement + walk
        self.parameters = [self.value, _stored(bounds[0]), _stored(bounds[1]), SCANNED]


def _walk(search: Search, before: UUID | None) -> _Walk:
    return _Walk(_lead(search), search.id_bounds(before))


def _lead(search: Search) -> tuple[str, Any]:
    """The criterion that fewest events have, counted no further than `_WEIGHED`."""
    if search.correlation_id:
        return "correlation_id", search.correlation_id
    offered: list[tuple[str, Any]] = [("term", term) for term in search.terms]
    if search.type:
        offered.append(("type", search.type))
    if not offered:
        return "workspace", search.workspace
    if len(offered) == 1:
        return offered[0]
    counts = ", ".join(
        f"(SELECT count(*) FROM (SELECT 1 FROM {_table(column)} WHERE {column} = %s LIMIT {_WEIGHED}) x)"  # noqa: S608
        for column, _ in offered
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}", [value for _, value in offered])
        weights = cursor.fetchone()
    return min(zip(weights, offered, strict=True), key=lambda item: item[0])[1]


def _table(column: str) -> str:
    return "audit_searchterm" if column == "term" else "audit_ledgerevent"


def _ids(walk: _Walk, search: Search, limit: int) -> list[UUID]:
    conditions, parameters = _conditions(walk, search)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    statement = f"SELECT d.id FROM ({walk.statement}) d{where} ORDER BY d.id DESC LIMIT %s"  # noqa: S608  # our own names
    with connection.cursor() as cursor:
        cursor.execute(statement, [*walk.parameters, *parameters, limit])
        return [_uuid(row[0]) for row in cursor.fetchall()]


def _conditions(walk: _Walk, search: Search) -> tuple[list[str], list[Any]]:
    """What the walk does not hold by itself."""
    terms = [term for term in search.terms if not (walk.is_term and term == walk.value)]
    conditions, parameters = [_HAS_TERM] * len(terms), list[Any](terms)
    columns, values = _column_conditions(walk, search)
    if columns and walk.is_term:
        conditions.append(_HAS_COLUMNS.format(conditions=" AND ".join(f"e.{item}" for item in columns)))
    elif columns:
        conditions += [f"d.{item}" for item in columns]
    return conditions, parameters + values


def _column_conditions(walk: _Walk, search: Search) -> tuple[list[str], list[Any]]:
    """The workspace is asked for whatever else is: a term may be given from outside, and names no workspace."""
    wanted: dict[str, Any] = {
        "workspace = %s": search.workspace,
        "type = %s": search.type,
        "correlation_id = %s": search.correlation_id,
        "at >= %s": search.since and connection.ops.adapt_datetimefield_value(search.since),
        "at < %s": search.until and connection.ops.adapt_datetimefield_value(search.until),
    }
    asked = {text: value for text, value in wanted.items() if value and text != f"{walk.column} = %s"}
    return list(asked), list(asked.values())


def _end_of(walk: _Walk) -> UUID | None:
    """The last event that the walk looked at, None when it came to the end of its index."""
    statement = f"SELECT d.id FROM ({walk.statement}) d ORDER BY d.id DESC LIMIT 1 OFFSET {SCANNED - 1}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, walk.parameters)
        row = cursor.fetchone()
    return _uuid(row[0]) if row else None


def _stored(value: UUID) -> Any:
    return LedgerEvent._meta.pk.get_db_prep_value(value, connection)


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
