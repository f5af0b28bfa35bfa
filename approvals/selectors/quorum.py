"""Where the votes on a request stand, by today's memberships and rights (APR-04, APR-05, APR-07, IDN-07)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Case, CharField, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Now

from approvals.models import AgentActionRequest, ReviewStep, Vote
from approvals.selectors.of_agents import concerned_agent_id
from audit.selectors.kept_query import KeptQuery
from governance.domain.decision import Requirement
from governance.domain.quorum import CastVote, QuorumState, judge_quorum
from governance.domain.seats import Seat, people_in_seats, seats_of
from governance.models import Agent, Membership, SecretKeeper, User
from governance.selectors.holders import logins_that_may
from governance.selectors.seats import list_able_seats, read_seats, seat_rows
from governance.selectors.secret_keepers import list_keepers, list_keepers_of

_REVIEW = "review_requests"
_VOTE, _BACKUP, _KEEPER, _OWNER = "vote", "backup", "keeper", "owner"
_TEXT = CharField()
_ESCALATED = Q(kind=ReviewStep.ESCALATION, outcome="done", group__backup_group__isnull=False)
# A vote that a standing approval cast falls with it, until the request is claimed.
_WITHDRAWN = Q(standing__revoked_at__isnull=False) | Q(standing__expires_at__lte=Now())
_IS_WITHDRAWN = Case(When(_WITHDRAWN, then=True), default=False)


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
    return list_keepers_of(request.credential_id)


def involved_people(asker: UUID | None, owner: UUID | None, delegation: Any) -> set[str]:
    """Ids of who has a stake: who asked, who owns the agent, and for whom it acts (`delegation` as stored)."""
    asking = {str(person) for person in (asker, owner) if person}
    return asking | {str(item["person"]) for item in delegation or ()}


def get_delegators(request: AgentActionRequest) -> set[str]:
    """Ids of the people for whom the agent acts here, as the decision saw them (IDN-04)."""
    return {str(item["person"]) for item in request.facts.get("delegation") or ()}


def get_quorum(request: AgentActionRequest, requirement: Requirement, *, digest: str) -> QuorumState:
    """The state of the review on this digest, now. One query: asked at every claim of what people agreed to, and again
    before its call."""
    votes, bench = _read_review(request, requirement)
    return judge_votes(requirement, votes, bench, digest=digest)


def _read_review(request: AgentActionRequest, requirement: Requirement) -> "tuple[list[KnownVote], Bench]":
    groups = requirement.all_groups
    rows = _REVIEW_ROWS.fetch(
        request.pk,
        request.workspace_id,
        tuple(sorted({*groups})),
        concerned_agent_id(request),
        request.credential_id,
    )
    told: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for row in rows:
        told[row[0]].append(row)
    votes = [KnownVote(str(UUID(who)), verdict, digest) for _, verdict, who, digest, _, _ in told[_VOTE]]
    backups = {group: backup for _, group, _, backup, _, _ in told[_BACKUP]}
    keepers = {str(UUID(row[2])) for row in told[_KEEPER]}
    owner = next((UUID(row[2]) for row in told[_OWNER]), None)  # as of now, not as `request` was locked
    excluded = involved_people(request.person_id, owner, request.facts.get("delegation")) | keepers
    return votes, Bench(groups, read_seats(told["seat"]).seats, backups, excluded)


def judge_votes(requirement: Requirement, votes: Sequence["KnownVote"], bench: "Bench", *, digest: str) -> QuorumState:
    """The state of a review whose votes and bench are known. No query."""
    cast = [CastVote(vote.person, vote.verdict, vote.digest) for vote in votes if not vote.is_withdrawn]
    people = bench.people(voted={vote.person for vote in cast if vote.digest == digest})
    return judge_quorum(requirement, cast, people, bench.excluded, digest=digest)


@dataclass(frozen=True, slots=True)
class KnownVote:
    """One vote on a request; `is_withdrawn`: a standing approval cast it, and has ended."""

    person: str
    verdict: str
    digest: str
    is_withdrawn: bool = False


def get_votes(request_ids: Collection[UUID]) -> dict[UUID, list[KnownVote]]:
    """All votes on each of a few requests. One query, kept in words for each number of them."""
    found: dict[UUID, list[KnownVote]] = {request_id: [] for request_id in request_ids}
    for request_id, person_id, verdict, digest, is_withdrawn in _VOTES.fetch(tuple(request_ids)):
        found[request_id].append(KnownVote(str(person_id), verdict, digest, is_withdrawn))
    return found


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


def get_benches(requests: Sequence[AgentActionRequest]) -> dict[UUID, Bench]:
    """By this moment's memberships, rights, stand-ins, escalations and stakes, of each of a few requests of one
    workspace, one at least. Three queries however many."""
    requirements = {request: get_requirement(request) for request in requests}
    agents = {request.pk: concerned_agent_id(request) for request in requirements}
    backups = _read_backups(_BACKUPS.fetch(tuple(agents)))
    asked = {group for requirement in requirements.values() for group in requirement.all_groups}
    seats = list_able_seats(
        workspace_id=next(iter(requirements)).workspace_id,
        groups=asked.union(*(found.values() for found in backups.values())),
        permission=_REVIEW,
        agents=agents.values(),
    )
    keepers = list_keepers({request.credential_id for request in requirements if request.credential_id is not None})
    return {
        request.pk: Bench(
            requirement.all_groups,
            seats[agents[request.pk]],
            backups.get(request.pk, {}),
            get_excluded(request, keepers.get(request.credential_id or 0, frozenset())),
        )
        for request, requirement in requirements.items()
    }


def reviewers_of(*, workspace_id: UUID, agent_id: UUID | None) -> QuerySet[User]:
    """Active logins that may review what concerns this agent: in the workspace, or for the agent alone."""
    return logins_that_may(_REVIEW, workspace_id=workspace_id, agent_id=agent_id)


def votes_in_force() -> QuerySet[Vote]:
    """All but those that a standing approval cast which has ended since."""
    return Vote.objects.exclude(_WITHDRAWN)


def _list_votes(request_ids: Collection[UUID]) -> QuerySet[Vote, tuple[Any, ...]]:
    rows = Vote.objects.filter(request__in=request_ids).annotate(is_withdrawn=_IS_WITHDRAWN)
    return rows.values_list("request_id", "person_id", "verdict", "digest", "is_withdrawn")


def list_votes(request: AgentActionRequest) -> list[Vote]:
    """All votes with their people, oldest first, `is_withdrawn` those of a standing approval that ended. One query."""
    return _WHOLE_VOTES.fetch(request.pk)


def _list_whole_votes(request_id: UUID) -> QuerySet[Vote]:
    rows = Vote.objects.filter(request=request_id).select_related("person").order_by("id")
    return rows.annotate(is_withdrawn=_IS_WITHDRAWN)


def get_backups(request_ids: Collection[UUID]) -> dict[UUID, dict[str, str]]:
    """Request → its groups that were escalated, each with the backup that may decide in its place now. One query."""
    return _read_backups(_list_backups(request_ids))


def _read_backups(rows: Iterable[tuple[Any, ...]]) -> dict[UUID, dict[str, str]]:
    found: defaultdict[UUID, dict[str, str]] = defaultdict(dict)
    for request_id, group, backup in rows:
        found[request_id][group] = backup
    return dict(found)


def _list_backups(request_ids: Collection[UUID]) -> QuerySet[ReviewStep, tuple[Any, ...]]:
    rows = ReviewStep.objects.filter(_ESCALATED, request__in=request_ids)
    return rows.values_list("request_id", "group__slug", "group__backup_group__slug")


def _list_review(
    request_id: UUID, workspace_id: UUID, groups: Collection[str], agent_id: UUID | None, credential_id: int | None
) -> QuerySet[Any]:
    """Rows as seats have them: each kind puts its own texts into the six columns."""
    able = logins_that_may(_REVIEW, workspace_id=workspace_id, agent_id=agent_id)
    escalated = ReviewStep.objects.filter(_ESCALATED, request=request_id)
    here = Q(group__slug__in=groups) | Q(group__in=escalated.values("group__backup_group"))
    own, lent = seat_rows(Q(group__workspace_id=workspace_id) & here, able)
    votes = votes_in_force().filter(request=request_id)
    keepers = SecretKeeper.objects.filter(credential=credential_id)
    owners = Agent.objects.filter(requests=request_id)
    rows: QuerySet[Any] = own.union(
        lent,
        votes.values_list(_word(_VOTE), "verdict", Cast("person_id", _TEXT), "digest", _word(""), _word("")),
        escalated.values_list(
            _word(_BACKUP), "group__slug", _word(""), "group__backup_group__slug", _word(""), _word("")
        ),
        keepers.values_list(_word(_KEEPER), _word(""), Cast("person_id", _TEXT), _word(""), _word(""), _word("")),
        owners.values_list(_word(_OWNER), _word(""), Cast("owner_id", _TEXT), _word(""), _word(""), _word("")),
        all=True,
    )
    return rows


def _word(word: str) -> Value:
    return Value(word, output_field=_TEXT)


_REVIEW_ROWS = KeptQuery(_list_review)
_VOTES = KeptQuery(_list_votes)
_WHOLE_VOTES = KeptQuery(_list_whole_votes)
_BACKUPS = KeptQuery(_list_backups)
