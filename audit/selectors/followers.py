"""How far one follower of the ledger has come."""

from audit.models import Follower


def get_next_leaf(name: str) -> int:
    """The first leaf that it has not taken yet; 0 before its first turn."""
    return Follower.objects.filter(pk=name).values_list("next_leaf", flat=True).first() or 0
