"""Whose word counts in a group: members, stand-ins, backups (APR-05, APR-07, APR-09)."""

import pytest

from governance.domain.decision import Requirement
from governance.domain.quorum import CastVote, judge_quorum
from governance.domain.seats import Seat, people_in_seats, seats_of

RITA, SAM, TINA, UWE = "rita", "sam", "tina", "uwe"
SEATS = [Seat("a", RITA), Seat("a", SAM), Seat("a", TINA, RITA), Seat("b", UWE)]


def test_a_stand_in_sits_beside_the_members():
    """APR-05: in that group alone."""
    assert people_in_seats(["a", "b"], SEATS) == {"a": {RITA, SAM, TINA}, "b": {UWE}}


def test_one_seat_is_one_voice_and_its_owners_goes_first():
    """APR-07: who is away and votes all the same leaves nothing for the stand-in."""
    assert people_in_seats(["a"], SEATS, voted={RITA}) == {"a": {RITA, SAM}}
    requirement = Requirement(groups=("a",), count=2)
    votes = [CastVote(TINA, "approve", "d"), CastVote(RITA, "approve", "d")]
    people = people_in_seats(["a"], SEATS, voted={vote.person for vote in votes})
    assert not judge_quorum(requirement, votes, people, (), digest="d").is_met


def test_a_stand_in_of_somebody_who_may_not_decide_this_one_may_not_either():
    assert people_in_seats(["a"], SEATS, excluded={RITA}) == {"a": {RITA, SAM}}


@pytest.mark.parametrize("seats", [[Seat("a", TINA, RITA)], [Seat("a", SAM), Seat("a", TINA, UWE)]])
def test_nobody_stands_in_for_who_is_no_member(seats):
    assert TINA not in people_in_seats(["a"], seats)["a"]


def test_a_stand_in_has_no_stand_in():
    chain = [Seat("a", RITA), Seat("a", TINA, RITA), Seat("a", UWE, TINA)]
    assert people_in_seats(["a"], chain) == {"a": {RITA, TINA}}


def test_the_backup_counts_in_the_groups_place_once_it_was_escalated():
    """APR-09: beside its own people, not instead of them."""
    assert people_in_seats(["a"], SEATS, backups={"a": "b"}) == {"a": {RITA, SAM, TINA, UWE}}
    assert people_in_seats(["a"], SEATS, backups={"b": "a"}) == {"a": {RITA, SAM, TINA}}


def test_one_person_in_group_and_backup_counts_once():
    """APR-07: two seats, one person."""
    seats = [Seat("a", RITA), Seat("b", RITA)]
    people = people_in_seats(["a", "b"], seats, backups={"a": "b"})
    state = judge_quorum(
        Requirement(groups=("a", "b"), count=2), [CastVote(RITA, "approve", "d")], people, (), digest="d"
    )
    assert (state.is_met, state.missing_count) == (False, 1)


def test_the_record_says_how_somebody_spoke():
    assert seats_of(TINA, ["a", "b"], SEATS) == [{"group": "a", "through": "", "stands_for": RITA}]
    assert seats_of(UWE, ["a"], SEATS, backups={"a": "b"}) == [{"group": "a", "through": "b", "stands_for": ""}]
    assert seats_of(RITA, ["a"], [*SEATS, Seat("a", RITA, SAM)]) == [{"group": "a", "through": "", "stands_for": ""}]
    assert seats_of(UWE, ["a"], SEATS) == []
