"""From claims to counters: which row counts a claim at this moment, and how much of it a request holds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from uuid import UUID

import msgspec

from governance.domain.anomaly import VOLUME
from governance.domain.budget_claims import BudgetClaim
from governance.domain.budget_window import window_start


class Hold(msgspec.Struct, frozen=True):
    """What is to be taken from one counter. `limit` is what the counter may hold at most."""

    id: UUID
    claim: BudgetClaim
    starts_at: datetime
    amount: int
    limit: int


def make_holds(claims: Iterable[BudgetClaim], *, workspace_id: UUID, now: datetime) -> tuple[Hold, ...]:
    """The holds of one request in the windows of `now`, in the order in which counters are locked."""
    starts: dict[str, datetime] = {}
    written: dict[datetime, str] = {}
    workspace = workspace_id.hex
    holds = []
    for claim in claims:
        start = claim.starts_at or starts.get(claim.window)
        if start is None:
            start = starts[claim.window] = window_start(claim.window, now)
        if start not in written:
            written[start] = start.isoformat()
        counter = _counter_id(workspace, claim.key, claim.value, claim.unit, claim.window, written[start])
        holds.append(Hold(counter, claim, start, claim.amount, claim.limit))
    return tuple(sorted(holds, key=lambda hold: hold.id))


def counter_id(workspace_id: UUID, claim: BudgetClaim, starts_at: datetime) -> UUID:
    """A digest of all that names the counter: no look-up, no second row, whoever comes first."""
    return _counter_id(workspace_id.hex, claim.key, claim.value, claim.unit, claim.window, starts_at.isoformat())


@lru_cache(maxsize=4096)  # proposals of one window draw on the same few
def _counter_id(*words: str) -> UUID:
    return UUID(bytes=blake2b("\x1f".join(words).encode(), digest_size=16).digest())


def add_up(holds: Iterable[Hold]) -> tuple[Hold, ...]:
    """Holds of many requests as one for each counter, in the order in which counters are locked."""
    total: dict[UUID, Hold] = {}
    for hold in holds:
        earlier = total.get(hold.id)
        amount = hold.amount + earlier.amount if earlier is not None else hold.amount
        limit = min(hold.limit, earlier.limit) if earlier is not None else hold.limit
        total[hold.id] = msgspec.structs.replace(hold, amount=amount, limit=limit)
    return tuple(total[key] for key in sorted(total))


def dump_holds(holds: Sequence[Hold]) -> list[list[object]]:
    """What a request keeps of its holds: counter and amount. What was asked for stays asked for, and is not kept."""
    return [[hold.id.hex, hold.amount] for hold in holds if hold.claim.key != VOLUME]


def read_holds(stored: Iterable[Sequence[object]]) -> dict[UUID, int]:
    """Counter → amount, from what a request keeps."""
    return {UUID(str(counter)): int(str(amount)) for counter, amount in stored}


def sum_amounts(held: Iterable[Mapping[UUID, int]]) -> dict[UUID, int]:
    """What several requests hold, as one amount for each counter."""
    total: defaultdict[UUID, int] = defaultdict(int)
    for amounts in held:
        for counter, amount in amounts.items():
            total[counter] += amount
    return dict(total)
