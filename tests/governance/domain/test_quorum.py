"""Votes: who counts, how often, on what (APR-04/05/07)."""

import itertools

import pytest

from governance.domain.decision import Requirement
from governance.domain.quorum import CastVote, judge_quorum

DIGEST, OTHER = "sha256:a", "sha256:b"
PEOPLE = ("ann", "bob", "cy")
MEMBERSHIPS = {"revops": ("ann", "bob"), "legal": ("bob", "cy")}


def approve(person, digest=DIGEST):
    return CastVote(person, "approve", digest)


def deny(person, digest=DIGEST):
    return CastVote(person, "deny", digest)


def judge(requirement, votes, memberships=MEMBERSHIPS, excluded=()):
    return judge_quorum(requirement, votes, memberships, excluded, digest=DIGEST)


def brute_force(requirement, votes, memberships, excluded):
    """Every subset of people: is there one that approved, may vote, covers the groups and is large enough?"""

    def may_vote(person):
        in_group = any(person in memberships.get(group, ()) for group in requirement.groups)
        return in_group and person not in excluded

    if any(vote.verdict == "deny" and vote.digest == DIGEST and may_vote(vote.person) for vote in votes):
        return "denied"
    for size in range(1, len(PEOPLE) + 1):
        for subset in itertools.combinations(PEOPLE, size):
            has_approved = all(approve(person) in votes and may_vote(person) for person in subset)
            covers = all(set(memberships.get(group, ())) & set(subset) for group in requirement.groups)
            if has_approved and covers and size >= requirement.count and requirement.groups:
                return "met"
    return "open"


def test_every_small_case_agrees_with_brute_force():
    kinds = [None, "approve", "deny", "stale", "both"]
    made = {
        None: lambda _: [],
        "approve": lambda person: [approve(person), approve(person)],
        "deny": lambda person: [deny(person)],
        "stale": lambda person: [approve(person, OTHER), deny(person, OTHER)],
        "both": lambda person: [approve(person), deny(person)],
    }
    requirements = [
        Requirement(groups, count)
        for groups in [(), ("revops",), ("revops", "legal"), ("revops", "nobody")]
        for count in (1, 2, 3)
    ]
    subsets = [subset for size in range(4) for subset in itertools.combinations(PEOPLE, size)]
    cases = itertools.product(requirements, itertools.product(kinds, repeat=3), subsets)
    for requirement, choice, excluded in cases:
        votes = [vote for person, kind in zip(PEOPLE, choice, strict=True) for vote in made[kind](person)]
        state = judge(requirement, votes, excluded=excluded)
        said = "denied" if state.is_denied else "met" if state.is_met else "open"
        assert said == brute_force(requirement, votes, MEMBERSHIPS, excluded), (requirement, votes, excluded)


def test_one_person_in_two_groups_serves_both_and_counts_once():
    assert judge(Requirement(("revops", "legal"), 1), [approve("bob")]).is_met
    state = judge(Requirement(("revops", "legal"), 2), [approve("bob"), approve("bob")])
    assert (state.is_met, state.missing_count, state.missing_groups) == (False, 1, ())


def test_every_group_gives_a_voice():
    state = judge(Requirement(("legal", "revops"), 1), [approve("ann")])
    assert (state.is_met, state.missing_groups) == (False, ("legal",))


@pytest.mark.parametrize("votes", [[approve("zoe")], [approve("ann", OTHER)], [CastVote("ann", "maybe", DIGEST)], []])
def test_votes_of_strangers_on_other_patches_or_of_no_meaning_count_for_nothing(votes):
    state = judge(Requirement(("revops",), 1), votes)
    assert (state.is_met, state.is_denied, state.approvers) == (False, False, ())


def test_the_owner_neither_approves_nor_denies():
    state = judge(Requirement(("revops",), 1), [approve("ann"), deny("bob")], excluded={"ann", "bob"})
    assert (state.is_met, state.is_denied) == (False, False)


def test_one_denial_is_enough_and_a_strangers_is_none():
    assert judge(Requirement(("revops",), 1), [approve("ann"), deny("bob")]).is_denied
    assert not judge(Requirement(("revops",), 1), [approve("ann"), deny("cy")]).is_denied


def test_whoever_left_the_group_no_longer_counts():
    """Membership is asked anew at the claim: an approval weighs what its giver weighs now."""
    assert not judge(Requirement(("revops",), 1), [approve("ann")], memberships={"revops": ("bob",)}).is_met


def test_a_count_of_zero_is_not_met_by_nobody():
    assert not judge(Requirement(("revops",), 0), []).is_met
    assert not judge(Requirement((), 0), [approve("ann")]).is_met


def test_whoever_said_both_is_told_as_a_denier_only():
    state = judge(Requirement(("revops",), 1), [approve("ann"), deny("ann"), approve("bob")])
    assert (state.approvers, state.deniers) == (("bob",), ("ann",))


def test_a_choice_of_groups_is_met_by_any_of_them():
    """APR-05: OR beside AND."""

    needed = Requirement(("legal",), 1, (("sales", "success"),))
    members = {"legal": {"ann"}, "sales": {"bob"}, "success": {"cid"}}

    def state(*people):
        votes = [CastVote(person, "approve", "d") for person in people]
        return judge_quorum(needed, votes, members, (), digest="d")

    assert state("ann").missing_alternatives == (("sales", "success"),)
    assert not state("ann").is_met
    assert not state("bob", "cid").is_met
    assert state("ann", "cid").is_met
