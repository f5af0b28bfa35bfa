"""What was recorded in a span of time, by leaf, and the checkpoint that first covers it."""

from datetime import datetime
from uuid import UUID

from audit.models import Checkpoint, LedgerEvent
from audit.selectors.checkpoint import SignedHead


def get_first_checkpoint_since(moment: datetime) -> SignedHead | None:
    """The first checkpoint that was signed at `moment` or later. One query."""
    row = Checkpoint.objects.filter(signed_at__gte=moment).order_by("size").first()
    return None if row is None else SignedHead(row.size, bytes(row.root), row.note, row.signed_at)


def list_leaf_indexes(*, workspace: str, since: datetime, until: datetime, below: int) -> dict[int, UUID]:
    """Leaf index → event of everything with since ≤ at < until among the first `below` leaves. One query."""
    rows = LedgerEvent.objects.filter(workspace=workspace, at__gte=since, at__lt=until, leaf__leaf_index__lt=below)
    return dict(rows.order_by("leaf__leaf_index").values_list("leaf__leaf_index", "id"))
