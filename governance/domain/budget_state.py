"""BudgetState: one budget with what is left of it, for people and agents who look (LIM-01)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import msgspec

from governance.domain.budget_table import PARTIAL_KEYS, BudgetFamily, BudgetTable
from governance.domain.budget_window import window_end

Counted = Mapping[tuple[str, str, str, str], int]
"""key, value, unit, window → what is taken in the window of this moment"""


class KnownCounters(msgspec.Struct, frozen=True):
    """What is `counted` for these values of keys, all of it: a counter that is missing here has nothing taken."""

    values: frozenset[str]
    counted: Counted


class BudgetState(msgspec.Struct, frozen=True, kw_only=True):
    """`used` of `limit` are taken; the budget begins anew at `renews_at`. `is_default`: nobody set it (LIM-02)."""

    key: str
    value: str
    unit: str
    window: str
    currency: str
    used: int
    limit: int
    renews_at: datetime
    is_default: bool

    @property
    def left(self) -> int:
        return max(self.limit - self.used, 0)


def list_states(
    table: BudgetTable, *, known: Mapping[str, Iterable[str]], counted: Counted, now: datetime
) -> tuple[BudgetState, ...]:
    """Every budget of the `known` values of keys (agents, the workspace), and of whatever else is drawn on now."""
    found: list[BudgetState] = []
    for families in table.families.values():
        for family in families:
            found += _states(family, known, counted, now, is_default=False)
    for unit, families in table.defaults.items():
        own = table.families.get(unit, ())
        for family in families:
            states = _states(family, known, counted, now, is_default=True)
            found += [state for state in states if not _is_replaced(own, family.key, state.value)]
    return tuple(sorted(found, key=lambda state: (state.key, state.value, state.unit, state.window)))


def _is_replaced(own: Iterable[BudgetFamily], key: str, value: str) -> bool:
    """Whether rules of the unit stand in the place of a default for this value of its key."""
    return any(
        (family.key == key and family.limit(value) is not None)
        or (family.key not in PARTIAL_KEYS and family.general is not None)
        for family in own
    )


def _states(
    family: BudgetFamily, known: Mapping[str, Iterable[str]], counted: Counted, now: datetime, *, is_default: bool
) -> Iterator[BudgetState]:
    own = (family.key, family.counted, family.window)
    drawn = {value for key, value, unit, window in counted if (key, unit, window) == own}
    for value in sorted({*known.get(family.key, ()), *drawn}):
        limit = family.limit(value)
        if limit is not None:
            yield BudgetState(
                key=family.key,
                value=value,
                unit=family.unit,
                window=family.window,
                currency=family.currency,
                used=counted.get((family.key, value, family.counted, family.window), 0),
                limit=limit,
                renews_at=window_end(family.window, now),
                is_default=is_default,
            )
