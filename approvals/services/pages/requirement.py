"""Who must approve, who has voted, and what is still missing, in names."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce

from approvals.domain.visible_text import Piece, reveal
from approvals.models import AgentActionRequest, ReviewStep, Vote
from approvals.selectors.of_agents import concerned_agent_id
from approvals.selectors.people import get_people_names
from approvals.selectors.quorum import Bench, get_delegators, get_excluded, get_requirement, reviewers_of
from audit.selectors.kept_query import KeptQuery
from governance.domain.seats import taken_seats
from governance.models import ApproverGroup, SecretKeeper
from governance.selectors.seats import SEAT_COLUMNS, read_seats, seat_rows

VoteJudge = Callable[[Vote], str]
"""Why a vote on the present digest does not count, in words after its giver's name; empty for one that does."""

_OWNS = "You own this agent"
_IS_ACTED_FOR = "The agent acts for you here"
_HAS_SECRET = "You issued or rotated the credential that asked for this"  # noqa: S105  # a sentence
_ASKED = "You asked for this"
_STAKES_OF_OTHERS = {
    _OWNS: "owns the agent",
    _IS_ACTED_FOR: "is who the agent acts for",
    _HAS_SECRET: "issued or rotated the credential that asked",
    _ASKED: "asked for it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownGroup:
    """One required group; `approvers` are those of it who approved this very digest."""

    slug: str
    name: str
    members: tuple[str, ...]
    approvers: tuple[str, ...]
    is_mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownVote:
    """`lost` is why the vote does not count, in words, empty while it does; `is_current`, that it is on the digest that
    the request has now; `in_place_of` names whom a stand-in voted for."""

    person: str
    verdict: str
    reason: tuple[Piece, ...]
    at: datetime
    digest: str
    is_current: bool
    lost: str
    in_place_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRequirement:
    """`count` distinct people in all; `obstacle`: why this person cannot decide, in a sentence, empty if they can;
    `people`: names, by id, of everybody in the groups."""

    groups: tuple[ShownGroup, ...]
    count: int
    votes: tuple[ShownVote, ...]
    obstacle: str
    people: dict[str, str]


def show_requirement(request: AgentActionRequest, *, person_id: UUID | None, votes: list[Vote]) -> ShownRequirement:
    """Two queries at most, whatever the number of groups. `votes` as `list_votes` reads them. Expects `agent`."""
    requirement = get_requirement(request)
    table = _read_table(request, requirement.all_groups)
    found = {group.slug: group for group in _groups(request, table, person_id, votes)}
    single = (found[slug] for slug in requirement.groups)
    groups = (*single, *(_choice([found[slug] for slug in slugs]) for slugs in requirement.alternatives))
    return ShownRequirement(
        groups=groups,
        count=max(1, requirement.count),
        votes=show_votes(request, votes, judged=table.judge(request, votes)),
        obstacle=_obstacle(request, person_id, groups, votes, table),
        people=table.people,
    )


def judge_votes(request: AgentActionRequest, votes: list[Vote]) -> VoteJudge:
    """Why each vote would not count now, for a request whose votes are asked about again. One query."""
    return _read_table(request, get_requirement(request).all_groups).judge(request, votes)


def show_votes(request: AgentActionRequest, votes: list[Vote], *, judged: VoteJudge) -> tuple[ShownVote, ...]:
    """Votes in the order given; `judged` says why one on the present digest does not count. One query at most."""
    names = get_people_names({seat["stands_for"] for vote in votes for seat in vote.seats if seat["stands_for"]})
    return tuple(
        ShownVote(
            person=vote.person.name,
            verdict=vote.verdict,
            reason=reveal(vote.reason),
            at=vote.created_at,
            digest=vote.digest,
            is_current=vote.digest == request.digest,
            lost=judged(vote) if vote.digest == request.digest else "on an earlier version",
            in_place_of=", ".join(
                dict.fromkeys(names[seat["stands_for"]] for seat in vote.seats if seat["stands_for"] in names)
            ),
        )
        for vote in votes
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """Who may speak now; names of groups by slug, of people by id; who sits there and may not review (`idle`); who has
    seen a secret of the credential that asked."""

    bench: Bench
    names: dict[str, str]
    people: dict[str, str]
    idle: frozenset[str]
    keepers: frozenset[str]

    def judge(self, request: AgentActionRequest, votes: list[Vote]) -> VoteJudge:
        """What the quorum would leave out now, and why."""
        speaking = set[str]().union(*self.bench.people(voted=voted_now(request, votes)).values())

        def lost(vote: Vote) -> str:
            person = str(vote.person_id)
            if stake := _stake(request, person, self.keepers):
                return _STAKES_OF_OTHERS[stake]
            if getattr(vote, "is_withdrawn", False):
                return "its standing approval has ended"
            if person in speaking:
                return ""
            return "may no longer review this" if person in self.idle else "is in no group that decides this any more"

        return lost


def voted_now(request: AgentActionRequest, votes: list[Vote]) -> set[str]:
    """Ids of who has voted on the request as it is, with a vote in force."""
    current = (vote for vote in votes if vote.digest == request.digest)
    return {str(vote.person_id) for vote in current if not getattr(vote, "is_withdrawn", False)}


def _groups(
    request: AgentActionRequest, table: _Table, person_id: UUID | None, votes: list[Vote]
) -> tuple[ShownGroup, ...]:
    lost = table.judge(request, votes)
    approving = {
        str(vote.person_id)
        for vote in votes
        if vote.digest == request.digest and vote.verdict == "approve" and not lost(vote)
    }
    speaking = table.bench.people(voted=voted_now(request, votes))
    return tuple(
        ShownGroup(
            slug=slug,
            name=table.names.get(slug, slug),
            members=_members(table, slug),
            approvers=tuple(sorted(table.people[person] for person in speaking[slug] & approving)),
            is_mine=str(person_id) in speaking[slug],
        )
        for slug in table.bench.groups
    )


def _read_table(request: AgentActionRequest, slugs: tuple[str, ...]) -> _Table:
    """One query, none where nobody is asked for."""
    if not slugs:
        nobody = frozenset[str]()
        return _Table(bench=Bench((), [], {}, nobody), names={}, people={}, idle=nobody, keepers=nobody)
    place = request.pk, request.workspace_id, concerned_agent_id(request), request.credential_id
    rows = _TABLE.fetch(*place, tuple(sorted({*slugs})))
    groups = [row[1:] for row in rows if row[0] == "group"]
    backups = {slug: backup for slug, backup, _, _, went_on in groups if went_on and backup}
    names = {backup: name for _, backup, _, name, _ in groups if backup} | {slug: name for slug, _, name, *_ in groups}
    found = read_seats(row for row in rows if row[0] == "seat")
    keepers = frozenset(str(UUID(row[2])) for row in rows if row[0] == "keeper")
    return _Table(
        bench=Bench(slugs, found.seats, backups, get_excluded(request, keepers)),
        names=names,
        people=found.names,
        idle=found.idle,
        keepers=keepers,
    )


def _list_table(
    request_id: UUID, workspace_id: UUID, agent_id: UUID | None, credential_id: int | None, slugs: Collection[str]
) -> QuerySet[Any]:
    """Six texts a row, of four kinds."""
    asked = ApproverGroup.objects.filter(workspace=workspace_id, slug__in=slugs)
    here = ApproverGroup.objects.filter(Q(slug__in=slugs) | Q(backs__in=asked), workspace=workspace_id)
    seats = seat_rows(Q(group__in=here), reviewers_of(workspace_id=workspace_id, agent_id=agent_id))
    rows: QuerySet[Any] = _group_rows(request_id, asked).union(*seats, _keeper_rows(credential_id), all=True)
    return rows


_TABLE = KeptQuery(_list_table)


def _keeper_rows(credential_id: int | None) -> Any:
    """Six texts of each person who has seen a secret of the credential that asked: `keeper`, and their id third."""
    nothing = Value("", output_field=CharField())
    rows = SecretKeeper.objects.filter(credential=credential_id).annotate(
        kind=Value("keeper", output_field=CharField()),
        of=nothing,
        who=Cast("person_id", CharField()),
        name=nothing,
        whose=nothing,
        more=nothing,
    )
    return rows.values_list(*SEAT_COLUMNS)


def _group_rows(request_id: UUID, groups: QuerySet[ApproverGroup]) -> Any:
    """Six texts of each: `group`, its slug, its backup's, both names, and something once the backup was asked."""
    escalated = ReviewStep.objects.filter(request=request_id, kind=ReviewStep.ESCALATION, outcome="done")
    step = escalated.filter(group=OuterRef("pk"))
    texts = groups.annotate(
        kind=Value("group", output_field=CharField()),
        of=F("slug"),
        who=Coalesce(F("backup_group__slug"), Value("")),
        whose=Coalesce(F("backup_group__name"), Value("")),
        more=Case(When(Exists(step), then=Value("asked")), default=Value(""), output_field=CharField()),
    )
    return texts.values_list(*SEAT_COLUMNS)


def _members(table: _Table, slug: str) -> tuple[str, ...]:
    """Names of who may speak, by name; after each stand-in whom they stand for, after each backup its group."""
    found, bench, people, names = [], table.bench, table.people, table.names
    for source in dict.fromkeys((slug, bench.backups.get(slug, slug))):
        through = f" ({names.get(source, source)})" if source != slug else ""
        for seat in taken_seats(source, bench.seats, excluded=bench.excluded):
            place = f" for {people[seat.stands_for]}" if seat.stands_for else ""
            found.append(f"{people[seat.person]}{place}{through}")
    return tuple(sorted(found))


def _choice(groups: list[ShownGroup]) -> ShownGroup:
    """Groups of which any one suffices, shown as one."""
    return ShownGroup(
        slug="-or-".join(group.slug for group in groups),
        name=" or ".join(group.name for group in groups),
        members=tuple(sorted({name for group in groups for name in group.members})),
        approvers=tuple(sorted({name for group in groups for name in group.approvers})),
        is_mine=any(group.is_mine for group in groups),
    )


def _obstacle(
    request: AgentActionRequest,
    person_id: UUID | None,
    groups: tuple[ShownGroup, ...],
    votes: list[Vote],
    table: _Table,
) -> str:
    """What the vote itself would be refused for, said beforehand. The vote asks again: this is only courtesy."""
    if person_id is None:
        return "Your login belongs to no person, so its vote cannot count. An administrator can link it."
    if stake := _stake(request, str(person_id), table.keepers):
        return f"{stake}, so somebody else must decide."
    if str(person_id) in voted_now(request, votes):
        return "You have voted. It waits for the others."
    if not any(group.is_mine for group in groups):
        names = ", ".join(group.name for group in groups) or "nobody"
        return f"Only {names} can decide this."
    return ""


def _stake(request: AgentActionRequest, person: str, keepers: frozenset[str]) -> str:
    """Why this person may not decide this one, whatever their groups: a key of `_STAKES_OF_OTHERS`, or nothing."""
    if request.agent is not None and str(request.agent.owner_id) == person:
        return _OWNS
    if person in get_delegators(request):
        return _IS_ACTED_FOR
    if person in keepers:
        return _HAS_SECRET
    return _ASKED if str(request.person_id) == person else ""
