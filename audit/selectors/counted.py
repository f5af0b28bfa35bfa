"""Several counts by one statement, each no further than a bound: for pages that tell of many things at once."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


def count_each(rows: Mapping[str, QuerySet[Any, Any]], *, most: int) -> dict[str, int]:
    """How many rows each queryset has, by its name and counted up to `most`; names are our own words. One statement."""
    asked = {name: text for name, found in rows.items() if (text := _texts(found, most)) is not None}
    counts = dict.fromkeys(rows, 0)
    if not asked:
        return counts
    parts = (f"SELECT '{name}', COUNT(*) FROM ({statement}) AS s" for name, (statement, _) in asked.items())  # noqa: S608  # our own names
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), [value for _, values in asked.values() for value in values])
        return counts | dict(cursor.fetchall())


def _texts(rows: QuerySet[Any, Any], most: int) -> tuple[str, tuple[Any, ...]] | None:
    try:
        statement, values = rows.select_related(None).order_by().values("pk")[:most].query.sql_with_params()
    except EmptyResultSet:
        return None
    return str(statement), tuple(values)
