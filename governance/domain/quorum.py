"""Whether the votes on one digest suffice (APR-04/05/07). Serves votes on requests and two-person changes alike."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from governance.domain.decision import Requirement

APPROVE = "approve"
DENY = "deny"


class CastVote(msgspec.Struct, frozen=True):
    """One person's word on one digest. `person` is the human's id, never an account's."""

    person: str
    verdict: str
    digest: str


class QuorumState(msgspec.Struct, frozen=True, kw_only=True):
    """Where a review stands. `approvers` are those whose approval counts; `missing_groups` still wait for one each, and
    so does each of `missing_alternatives`, from any of its groups; `missing_count` is how many further people are
    needed at the least by number alone.
    """

    is_met: bool
    is_denied: bool
    approvers: tuple[str, ...] = ()
    deniers: tuple[str, ...] = ()
    missing_groups: tuple[str, ...] = ()
    missing_alternatives: tuple[tuple[str, ...], ...] = ()
    missing_count: int = 0


def judge_quorum(
    requirement: Requirement,
    votes: Sequence[CastVote],
    memberships: Mapping[str, Collection[str]],
    excluded: Collection[str],
    *,
    digest: str,
) -> QuorumState:
    """Count the votes on `digest`.

    `memberships` is group → people in it now; `excluded` are people who may not decide this one (the agent's owner, a
    delegate, whoever asked). One approval from every required group, one from any group of each alternative, and
    `count` distinct people in all; a person in two groups serves both and counts once. A single denial by someone who
    may decide denies. Without a required group nobody may decide, so nothing is ever met.
    """
    members = {group: set(memberships.get(group, ())) - set(excluded) for group in requirement.all_groups}
    eligible: set[str] = set().union(*members.values())
    deniers = {vote.person for vote in votes if vote.verdict == DENY and vote.digest == digest} & eligible
    approvers = {
        vote.person for vote in votes if vote.verdict == APPROVE and vote.digest == digest
    } & eligible - deniers
    missing_groups = tuple(group for group in requirement.groups if not members[group] & approvers)
    missing_alternatives = tuple(
        choice for choice in requirement.alternatives if not any(members[group] & approvers for group in choice)
    )
    missing_count = max(max(requirement.count, 1) - len(approvers), 0)
    return QuorumState(
        is_met=bool(members) and not deniers and not missing_groups and not missing_alternatives and missing_count == 0,
        is_denied=bool(deniers),
        approvers=tuple(sorted(approvers)),
        deniers=tuple(sorted(deniers)),
        missing_groups=missing_groups,
        missing_alternatives=missing_alternatives,
        missing_count=missing_count,
    )


def can_be_met(requirement: Requirement, memberships: Mapping[str, Collection[str]], excluded: Collection[str]) -> bool:
    """Whether the people who may decide could still satisfy the requirement, were they all to approve."""
    people = {person for members in memberships.values() for person in members} - set(excluded)
    votes = [CastVote(person, APPROVE, "") for person in people]
    return judge_quorum(requirement, votes, memberships, excluded, digest="").is_met
