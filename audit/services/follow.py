"""Following the ledger: each event is taken once by each follower, in the tree's order, together with what it leads to.

Upward news travels this way: whoever appends an event knows nothing of who reads it. An event is read when it has a
leaf, which is a second or so after its commit; nothing on the way of a request waits for a follower.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from django.db import transaction

from audit.models import Follower
from audit.selectors.events import LedgerEntry, list_leaves
from audit.selectors.tree import get_tree_size

Take = Callable[[Sequence[LedgerEntry]], None]


@dataclass(frozen=True, slots=True)
class Following:
    """One follower. `take` writes rows and events in the transaction it is called in and calls nothing foreign.

    With `from_now` it begins with what comes after its first turn, else with the first event of the ledger.
    """

    name: str
    types: Collection[str]
    take: Take
    from_now: bool = False


def follow(following: Following, *, limit: int = 500) -> int:
    """Take the next `limit` leaves; returns how many it went on by, 0 when it is up to date.

    Commits what `take` wrote and the new position as one, so that a crash repeats nothing and loses nothing; two at
    once wait for each other. Whatever `take` raises goes on to the caller: nothing of this turn is written.
    """
    _ensure(following)
    with transaction.atomic():
        at = Follower.objects.select_for_update().get(pk=following.name).next_leaf
        end = min(get_tree_size(), at + limit)
        if end <= at:
            return 0
        entries = list_leaves(start=at, end=end, types=following.types)
        if entries:
            following.take(entries)
        Follower.objects.filter(pk=following.name).update(next_leaf=end)
    return end - at


def hold_still(following: Following) -> None:
    """Keep it from taking anything until the transaction it is called in ends: what it wrote can be read as a whole."""
    _ensure(following)
    Follower.objects.select_for_update().get(pk=following.name)


def restart(following: Following) -> None:
    """Let it begin with the first event of the ledger again. Call it in the transaction that empties what it wrote."""
    hold_still(following)  # a turn in progress ends first
    Follower.objects.filter(pk=following.name).update(next_leaf=0)


def _ensure(following: Following) -> None:
    if not Follower.objects.filter(pk=following.name).exists():
        start = get_tree_size() if following.from_now else 0
        Follower.objects.get_or_create(name=following.name, defaults={"next_leaf": start})
