"""Wilson's score interval: how far a rate from few cases can be trusted."""

from math import sqrt

import msgspec

_Z = 1.959963984540054  # 95 %, two-sided


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """`hits` of `total`; `value`, `low` and `high` between 0 and 1, None without a single case."""

    hits: int
    total: int
    value: float | None
    low: float | None
    high: float | None


def rate_with_interval(hits: int, total: int) -> Rate:
    """The rate and its 95 % interval. Requires 0 ≤ hits ≤ total."""
    if total == 0:
        return Rate(hits=hits, total=0, value=None, low=None, high=None)
    low, high = interval(hits, total)
    return Rate(hits=hits, total=total, value=hits / total, low=low, high=high)


def interval(hits: int, total: int) -> tuple[float, float]:
    """(low, high) around hits / total, exact at none and at all. Requires 0 ≤ hits ≤ total and a total above zero.

    Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927), 209.
    """
    share, square = hits / total, _Z * _Z / total
    middle = (share + square / 2) / (1 + square)
    reach = _Z * sqrt(share * (1 - share) / total + square / (4 * total)) / (1 + square)
    low = 0.0 if hits == 0 else max(0.0, middle - reach)
    high = 1.0 if hits == total else min(1.0, middle + reach)
    return low, high
