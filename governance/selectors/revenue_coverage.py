"""Which field of which connection realises each of the Revenue 20, and which are not covered (REG-02)."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from governance.domain.vocabulary import ReviewState
from governance.models import Connection, RegisteredField, RevenueField


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One connection: how many of the revenue fields it covers, and the names of those that it does not."""

    connection: str
    covered: int
    total: int
    missing: tuple[str, ...]


def list_realised(revenue_ids: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Revenue field → `connection: object.field, object.field`, a text for each connection. One query."""
    found: defaultdict[UUID, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    rows = RegisteredField.objects.filter(revenue_field__in=list(revenue_ids)).exclude(review_state=ReviewState.GONE)
    ordered = rows.order_by("connection__name", "object_type", "name")
    for key, connection, object_type, name in ordered.values_list(
        "revenue_field", "connection__name", "object_type", "name"
    ):
        found[key][connection].append(f"{object_type}.{name}")
    return {
        key: tuple(f"{connection}: {', '.join(places)}" for connection, places in by_connection.items())
        for key, by_connection in found.items()
    }


def list_coverage(workspaces: Collection[UUID]) -> tuple[Coverage, ...]:
    """Every active connection of these workspaces, by name. Three queries."""
    wanted: defaultdict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    fields = RevenueField.objects.filter(workspace__in=list(workspaces)).order_by("position")
    for workspace, key, name in fields.values_list("workspace", "pk", "name"):
        wanted[workspace].append((key, name))
    mapped = RegisteredField.objects.filter(revenue_field__workspace__in=list(workspaces))
    pairs = set(mapped.exclude(review_state=ReviewState.GONE).values_list("connection", "revenue_field"))
    connections = Connection.objects.filter(workspace__in=list(workspaces), is_active=True).order_by("name")
    return tuple(_coverage(row, wanted[row.workspace_id], pairs) for row in connections)


def _coverage(row: Connection, wanted: list[tuple[UUID, str]], pairs: set[tuple[UUID, UUID]]) -> Coverage:
    missing = tuple(name for key, name in wanted if (row.pk, key) not in pairs)
    return Coverage(connection=row.name, covered=len(wanted) - len(missing), total=len(wanted), missing=missing)
