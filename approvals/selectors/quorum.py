"""Where the votes on a request stand, by today's memberships and rights (APR-04, APR-05, APR-07, IDN-07)."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Case, Q, QuerySet, When
from django.db.models.functions import Now

from approvals.models import AgentActionRequest, ReviewStep, Vote
from approvals.selectors.of_agents import concerned_agent_id
from governance.domain.decision import Requirement
from governance.domain.quorum import CastVote, QuorumState, judge_quorum
from governance.domain.seats import Seat, people_in_seats, seats_of
from governance.models import Membership, User
from governance.selectors.holders import logins_that_may
from governance.selectors.seats import list_seats
from governance.selectors.secret_keepers import list_keepers

# A vote that a standing approval cast falls with it, until the request is claimed.
_WITHDRAWN = Q(standing__revoked_at__isnull=False) | Q(standing__expires_at__lte=Now())


def get_requirement(request: AgentActionRequest) -> Requirement:
    """What the decision asks for; no groups when it asks for nobody (then nothing is ever met)."""
    return read_requirement(request.decision.get("requirement"))


def read_requirement(stored: Any) -> Requirement:
    """A requirement from its stored JSON; None is one that asks for nobody."""
    return msgspec.convert(stored, Requirement) if stored else Requirement()


def get_memberships(workspace_id: UUID, groups: tuple[str, ...]) -> dict[str, set[str]]:
    """Group → ids of its own active members now, without stand-ins and backups. One query."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    rows = Membership.objects.filter(
        group__workspace_id=workspace_id, group__slug__in=groups, person__is_active=True
    ).values_list("group__slug", "person_id")
    for slug, person_id in rows:
        found[slug].add(str(person_id))
    return dict(found)


def get_excluded(request: AgentActionRequest, keepers: Collection[str]) -> set[str]:
    """People who may not decide this one: the agent's owner (joined), whom it acts for, who asked for the revert, and
    `keepers`, who have seen a secret of the credential that asked."""
    owner = request.agent.owner_id if request.agent is not None else None
    return involved_people(request.person_id, owner, request.facts.get("delegation")) | {*keepers}


def find_excluded(request: AgentActionRequest) -> set[str]:
    """The same, with the keepers looked up. One query, none for what no credential asked for."""
    return get_excluded(request, find_keepers(request))


def find_keepers(request: AgentActionRequest) -> frozenset[str]:
    """Ids of who has seen a secret of the credential that asked: they could have asked it themselves (APR-07)."""
    if request.credential_id is None:
        return frozenset()
    return list_keepers([request.credential_id]).get(request.credential_id, frozenset())


def involved_people(asker: UUID | None, owner: UUID | None, delegation: Any) -> set[str]:
    """Ids of who has a stake: who asked, who owns the agent, and for whom it acts (`delegation` as stored)."""
    asking = {str(person) for person in (asker, owner) if person}
    return asking | {str(item["person"]) for item in delegation or ()}


def get_delegators(request: AgentActionRequest) -> set[str]:
    """Ids of the people for whom the agent acts here, as the decision saw them (IDN-04)."""
    return {str(item["person"]) for item in request.facts.get("delegation") or ()}


def get_quorum(
    request: AgentActionRequest, requirement: Requirement, *, digest: str, bench: "Bench | None" = None
) -> QuorumState:
    """The state of the review on this digest, now. Four queries; one where the `bench` is known already."""
    votes = [
        CastVote(str(person_id), verdict, voted)
        for person_id, verdict, voted in _list_votes(request).values_list("person_id", "verdict", "digest")
    ]
    bench = bench or get_bench(request, requirement)
    people = bench.people(voted={vote.person for vote in votes if vote.digest == digest})
    return judge_quorum(requirement, votes, people, bench.excluded, digest=digest)


@dataclass(frozen=True, slots=True)
class Bench:
    """Who may speak for the groups of one request: seats of those who may review it, the backups that it was escalated
    to, and whose stake keeps them out."""

    groups: tuple[str, ...]
    seats: list[Seat]
    backups: dict[str, str]
    excluded: Collection[str]

    def people(self, *, voted: Collection[str] = ()) -> dict[str, set[str]]:
        """Group → the people whose word counts."""
        return people_in_seats(self.groups, self.seats, backups=self.backups, excluded=self.excluded, voted=voted)

    def seats_of(self, person: str, *, voted: Collection[str] = ()) -> list[dict[str, str]]:
        """In which groups one person speaks, and in whose place."""
        return seats_of(person, self.groups, self.seats, backups=self.backups, excluded=self.excluded, voted=voted)


def get_bench(request: AgentActionRequest, requirement: Requirement) -> Bench:
    """By this moment's memberships, rights, stand-ins, escalations and stakes. Three queries."""
    groups = requirement.all_groups
    backups = get_backups([request.pk]).get(request.pk, {})
    seats = list_seats(
        workspace_id=request.workspace_id, groups={*groups, *backups.values()}, able=reviewers_of(request)
    )
    return Bench(groups, seats, backups, find_excluded(request))


def reviewers_of(request: AgentActionRequest) -> QuerySet[User]:
    """Active logins that may review it: in its workspace, or for its agent alone."""
    return logins_that_may("review_requests", workspace_id=request.workspace_id, agent_id=concerned_agent_id(request))


def get_voted(request: AgentActionRequest) -> set[str]:
    """Ids of the people who have voted on the request as it is. One query."""
    votes = _list_votes(request).filter(digest=request.digest)
    return {str(person_id) for person_id in votes.values_list("person_id", flat=True)}


def _list_votes(request: AgentActionRequest) -> QuerySet[Vote]:
    return Vote.objects.filter(request=request).exclude(_WITHDRAWN)


def list_votes(request: AgentActionRequest) -> list[Vote]:
    """All votes with their people, oldest first, `is_withdrawn` those of a standing approval that ended. One query."""
    rows = Vote.objects.filter(request=request).select_related("person").order_by("id")
    return list(rows.annotate(is_withdrawn=Case(When(_WITHDRAWN, then=True), default=False)))


def get_backups(request_ids: Collection[UUID]) -> dict[UUID, dict[str, str]]:
    """Request → its groups that were escalated, each with the backup that may decide in its place now. One query."""
    rows = ReviewStep.objects.filter(
        request__in=request_ids, kind=ReviewStep.ESCALATION, outcome="done", group__backup_group__isnull=False
    ).values_list("request_id", "group__slug", "group__backup_group__slug")
    found: defaultdict[UUID, dict[str, str]] = defaultdict(dict)
    for request_id, group, backup in rows:
        found[request_id][group] = backup
    return dict(found)
