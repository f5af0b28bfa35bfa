"""Sinks of the ledger, and how far each is behind."""

from dataclasses import dataclass
from uuid import UUID

from approvals.models import LedgerSink
from audit.selectors.tree import get_tree_size


@dataclass(frozen=True, slots=True)
class SinkState:
    """`lag` counts leaves of the ledger that it has not been past yet, those of other workspaces among them."""

    sink: LedgerSink
    lag: int


def list_sinks(workspace_id: UUID) -> list[SinkState]:
    """By name. Two queries."""
    size = get_tree_size()
    rows = LedgerSink.objects.filter(workspace_id=workspace_id).order_by("name")
    return [SinkState(sink, max(0, size - sink.next_leaf)) for sink in rows]


def get_sink_lags() -> dict[str, int]:
    """`workspace/name` → leaves behind, of all that are not paused. Two queries."""
    size = get_tree_size()
    rows = LedgerSink.objects.filter(is_paused=False).values_list("workspace__slug", "name", "next_leaf")
    return {f"{slug}/{name}": max(0, size - at) for slug, name, at in rows}
