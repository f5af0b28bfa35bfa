"""Which executed requests are drawn: rates, risks, and a number that both sides must have (QAS-01)."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.domain.sampling import Done, Past, Rates, choose, commitment, number_of, rate_of
from audit.domain.identifier import new_id

AT = datetime(2026, 6, 1, tzinfo=UTC)
SEED = bytes(range(32))


def done(**changes):
    members = {"request_id": UUID(int=1), "at": AT, "is_restricted": False, "confidence": 0.95, "size": 10.0}
    return Done(**{**members, **changes})


def past(*, agent=100, version=100, field=100, reverted=None):
    return Past(
        agent_since=AT - timedelta(days=agent),
        version_since=AT - timedelta(days=version),
        newest_field_since=AT - timedelta(days=field),
        reverted_at=None if reverted is None else AT - timedelta(days=reverted),
    )


@pytest.mark.parametrize(
    ("one", "before", "percent", "reasons"),
    [
        (done(is_restricted=True), past(), 100, ("restricted",)),
        (done(is_restricted=True), past(agent=0), 100, ("restricted",)),
        (done(), past(agent=0, version=0, field=0), 20, ("new_agent",)),
        (done(), past(agent=27.9), 20, ("new_agent",)),
        (done(), past(agent=28), 10, ("safe",)),
        (done(), past(), 10, ("safe",)),
        (done(), past(version=1), 50, ("new_version",)),
        (done(), past(version=14), 10, ("safe",)),
        (done(), past(field=3), 50, ("new_field",)),
        (done(confidence=0.79), past(), 50, ("low_confidence",)),
        (done(confidence=0.8), past(), 10, ("safe",)),
        (done(size=1_000.0), past(), 50, ("large_account",)),
        (done(size=999.0), past(), 10, ("safe",)),
        (done(size=None), past(), 10, ("safe",)),
        (done(), past(reverted=2), 50, ("recently_reverted",)),
        (done(), past(reverted=14), 10, ("safe",)),
        (done(confidence=0.1, size=5e6), past(agent=1), 50, ("low_confidence", "large_account")),
    ],
)
def test_the_highest_rate_that_fits_counts_with_every_reason_for_it(one, before, percent, reasons):
    """QAS-01: all restricted ones, a fifth of safe ones for four weeks, then a tenth; risky segments more often."""
    assert rate_of(Rates(), one, before) == (percent, reasons)


@given(st.integers(0, 2**128 - 1), st.binary(min_size=32, max_size=32))
def test_the_choice_is_the_naive_one_and_the_same_every_time(number, seed):
    """QAS-01: sha256(seed ‖ id) in exact arithmetic; nothing else decides."""
    one = done(request_id=UUID(int=number))
    first = int.from_bytes(hashlib.sha256(seed + UUID(int=number).bytes).digest()[:8], "big")
    choice = choose(Rates(), seed, one, past())
    assert choice == choose(Rates(), seed, one, past())
    assert number_of(seed, one.request_id) == first
    assert choice.is_drawn == (first / 2**64 < 0.1)


@given(st.binary(min_size=32, max_size=32))
def test_a_rate_of_none_draws_nothing_and_of_all_everything(seed):
    one = done(request_id=new_id())
    assert not choose(Rates(safe_percent=0), seed, one, past()).is_drawn
    assert choose(Rates(safe_percent=100), seed, one, past()).is_drawn


def test_of_many_about_the_rate_is_drawn():
    drawn = sum(choose(Rates(), SEED, done(request_id=new_id()), past()).is_drawn for _ in range(5_000))
    assert 400 < drawn < 600


def test_the_commitment_tells_the_seed_from_any_other():
    assert commitment(SEED) == f"sha256:{hashlib.sha256(SEED).hexdigest()}"
    assert commitment(SEED) != commitment(SEED[::-1])
