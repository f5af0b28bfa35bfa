"""Who must approve, who has voted, and what is still missing, in names."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from approvals.domain.visible_text import Piece, reveal
from approvals.models import AgentActionRequest, ReviewStep, Vote
from approvals.selectors.people import get_people_names
from approvals.selectors.quorum import Bench, get_delegators, get_excluded
from governance.domain.seats import taken_seats
from governance.models import ApproverGroup
from governance.selectors.seats import SEAT_COLUMNS, read_seats, seat_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownGroup:
    """One required group; `approvers` are those of it who approved this very digest, `speaking` the ids of all whose
    word counts for it now."""

    slug: str
    name: str
    members: tuple[str, ...]
    approvers: tuple[str, ...]
    speaking: frozenset[str]
    is_mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownVote:
    """`is_counted` says that the vote is on the digest that the request has now; `has_left`, that who cast it may not
    decide it any more, so that it has lost its weight; `in_place_of` names whom a stand-in voted for."""

    person: str
    verdict: str
    reason: tuple[Piece, ...]
    at: datetime
    digest: str
    is_counted: bool
    has_left: bool
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
    """Two queries at most, whatever the number of groups. `votes` with their person. Expects `agent`."""
    wanted = request.decision.get("requirement") or {}
    choices = [list(choice) for choice in wanted.get("alternatives") or ()]
    single = list(wanted.get("groups") or ())
    slugs = [*single, *(slug for choice in choices for slug in choice)]
    found, people = _groups(request, slugs, person_id, votes) if slugs else ((), {})
    by_slug = {group.slug: group for group in found}
    groups = (*(by_slug[slug] for slug in single), *(_choice([by_slug[slug] for slug in slugs]) for slugs in choices))
    return ShownRequirement(
        groups=groups,
        count=max(1, int(wanted.get("count") or 1)),
        votes=show_votes(request, votes, speaking=frozenset[str]().union(*(group.speaking for group in found))),
        obstacle=_obstacle(request, person_id, groups, votes),
        people=people,
    )


def show_votes(
    request: AgentActionRequest, votes: list[Vote], *, speaking: frozenset[str] | None = None
) -> tuple[ShownVote, ...]:
    """Votes in the order given. `speaking`: who may decide it now, None where it is settled. One query at most."""
    names = get_people_names({seat["stands_for"] for vote in votes for seat in vote.seats if seat["stands_for"]})
    return tuple(
        ShownVote(
            person=vote.person.name,
            verdict=vote.verdict,
            reason=reveal(vote.reason),
            at=vote.created_at,
            digest=vote.digest,
            is_counted=vote.digest == request.digest,
            has_left=vote.digest == request.digest and speaking is not None and str(vote.person_id) not in speaking,
            in_place_of=", ".join(
                dict.fromkeys(names[seat["stands_for"]] for seat in vote.seats if seat["stands_for"] in names)
            ),
        )
        for vote in votes
    )


def list_votes(request: AgentActionRequest) -> list[Vote]:
    """Votes with their people, oldest first. One query."""
    return list(Vote.objects.filter(request=request).select_related("person").order_by("id"))


def _groups(
    request: AgentActionRequest, slugs: list[str], person_id: UUID | None, votes: list[Vote]
) -> tuple[tuple[ShownGroup, ...], dict[str, str]]:
    bench, names, people = _bench(request, slugs)
    counted = [vote for vote in votes if vote.digest == request.digest]
    approving = {str(vote.person_id) for vote in counted if vote.verdict == "approve"}
    excluded, voted = get_excluded(request), {str(vote.person_id) for vote in counted}
    speaking = bench.people(excluded=excluded, voted=voted)
    shown = tuple(
        ShownGroup(
            slug=slug,
            name=names.get(slug, slug),
            members=_members(bench, slug, people, names, excluded),
            approvers=tuple(sorted(people[person] for person in speaking[slug] & approving)),
            speaking=frozenset(speaking[slug]),
            is_mine=str(person_id) in speaking[slug],
        )
        for slug in slugs
    )
    return shown, people


def _bench(request: AgentActionRequest, slugs: list[str]) -> tuple[Bench, dict[str, str], dict[str, str]]:
    """Who may speak now, names of groups by slug, names of people by id. One query."""
    asked = ApproverGroup.objects.filter(workspace=request.workspace_id, slug__in=slugs)
    here = ApproverGroup.objects.filter(Q(slug__in=slugs) | Q(backs__in=asked), workspace=request.workspace_id)
    rows = list(_group_rows(request, asked).union(*seat_rows(Q(group__in=here)), all=True))
    groups = [row[1:] for row in rows if row[0] == "group"]
    backups = {slug: backup for slug, backup, _, _, went_on in groups if went_on and backup}
    names = {backup: name for _, backup, _, name, _ in groups if backup} | {slug: name for slug, _, name, *_ in groups}
    seats, people = read_seats(row for row in rows if row[0] != "group")
    return Bench(tuple(slugs), seats, backups), names, people


def _group_rows(request: AgentActionRequest, groups: QuerySet[ApproverGroup]) -> Any:
    """Six texts of each: `group`, its slug, its backup's, both names, and something once the backup was asked."""
    step = ReviewStep.objects.filter(request=request, group=OuterRef("pk"), kind=ReviewStep.ESCALATION, outcome="done")
    texts = groups.annotate(
        kind=Value("group", output_field=CharField()),
        of=F("slug"),
        who=Coalesce(F("backup_group__slug"), Value("")),
        whose=Coalesce(F("backup_group__name"), Value("")),
        more=Case(When(Exists(step), then=Value("asked")), default=Value(""), output_field=CharField()),
    )
    return texts.values_list(*SEAT_COLUMNS)


def _members(
    bench: Bench, slug: str, people: dict[str, str], names: dict[str, str], excluded: set[str]
) -> tuple[str, ...]:
    """Names of who may speak, by name; after each stand-in whom they stand for, after each backup its group."""
    found = []
    for source in dict.fromkeys((slug, bench.backups.get(slug, slug))):
        through = f" ({names.get(source, source)})" if source != slug else ""
        for seat in taken_seats(source, bench.seats, excluded=excluded):
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
        speaking=frozenset[str]().union(*(group.speaking for group in groups)),
        is_mine=any(group.is_mine for group in groups),
    )


def _obstacle(
    request: AgentActionRequest, person_id: UUID | None, groups: tuple[ShownGroup, ...], votes: list[Vote]
) -> str:
    """What the vote itself would be refused for, said beforehand. The vote asks again: this is only courtesy."""
    if person_id is None:
        return "Your login belongs to no person, so its vote cannot count. An administrator can link it."
    if stake := _stake(request, person_id):
        return stake
    if any(vote.person_id == person_id and vote.digest == request.digest for vote in votes):
        return "You have voted. It waits for the others."
    if not any(group.is_mine for group in groups):
        names = ", ".join(group.name for group in groups) or "nobody"
        return f"Only {names} can decide this."
    return ""


def _stake(request: AgentActionRequest, person_id: UUID) -> str:
    """Why this person may not decide this one, whatever their groups."""
    if request.agent is not None and request.agent.owner_id == person_id:
        return "You own this agent, so somebody else must decide."
    if str(person_id) in get_delegators(request):
        return "The agent acts for you here, so somebody else must decide."
    return "You asked for this, so somebody else must decide." if request.person_id == person_id else ""
