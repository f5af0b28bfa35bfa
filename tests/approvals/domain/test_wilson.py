"""Wilson's interval, beside figures of the literature."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from approvals.domain.wilson import rate_with_interval


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (5, 10, 0.2366, 0.7634),
        (1, 1, 0.2065, 1.0),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_it_is_the_interval_of_the_literature(hits, total, low, high):
    rate = rate_with_interval(hits, total)
    assert (round(rate.low, 4), round(rate.high, 4)) == (low, high)


def test_without_a_case_there_is_no_rate():
    rate = rate_with_interval(0, 0)
    assert (rate.value, rate.low, rate.high) == (None, None, None)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
@example(hits=9_999, more=0)
@example(hits=0, more=3)
def test_the_rate_lies_in_its_interval(hits, more):
    assume(hits + more > 0)
    rate = rate_with_interval(hits, hits + more)
    assert 0 <= rate.low <= rate.value <= rate.high <= 1
