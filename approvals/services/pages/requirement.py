"""Who must approve, who has voted, and what is still missing, in names."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from approvals.domain.visible_text import Piece, reveal
from approvals.models import AgentActionRequest, Vote
from approvals.selectors.quorum import get_delegators
from governance.models import ApproverGroup, Membership


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
    """`is_counted` says that the vote is on the digest that the request has now."""

    person: str
    verdict: str
    reason: tuple[Piece, ...]
    at: datetime
    digest: str
    is_counted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRequirement:
    """`count` distinct people in all; `obstacle`: why this person cannot decide, in a sentence, empty if they can."""

    groups: tuple[ShownGroup, ...]
    count: int
    votes: tuple[ShownVote, ...]
    obstacle: str


def show_requirement(request: AgentActionRequest, *, person_id: UUID | None, votes: list[Vote]) -> ShownRequirement:
    """Three queries at most, whatever the number of groups. `votes` with their person. Expects `agent`."""
    wanted = request.decision.get("requirement") or {}
    choices = [list(choice) for choice in wanted.get("alternatives") or ()]
    single = list(wanted.get("groups") or ())
    found = _groups(request, [*single, *(slug for choice in choices for slug in choice)], person_id, votes)
    by_slug = {group.slug: group for group in found}
    groups = (*(by_slug[slug] for slug in single), *(_choice([by_slug[slug] for slug in slugs]) for slugs in choices))
    return ShownRequirement(
        groups=groups,
        count=max(1, int(wanted.get("count") or 1)),
        votes=show_votes(request, votes),
        obstacle=_obstacle(request, person_id, groups, votes),
    )


def show_votes(request: AgentActionRequest, votes: list[Vote]) -> tuple[ShownVote, ...]:
    """Votes in the order given."""
    return tuple(
        ShownVote(
            person=vote.person.name,
            verdict=vote.verdict,
            reason=reveal(vote.reason),
            at=vote.created_at,
            digest=vote.digest,
            is_counted=vote.digest == request.digest,
        )
        for vote in votes
    )


def list_votes(request: AgentActionRequest) -> list[Vote]:
    """Votes with their people, oldest first. One query."""
    return list(Vote.objects.filter(request=request).select_related("person").order_by("id"))


def _groups(
    request: AgentActionRequest, slugs: list[str], person_id: UUID | None, votes: list[Vote]
) -> tuple[ShownGroup, ...]:
    if not slugs:
        return ()
    found = {
        group.slug: group for group in ApproverGroup.objects.filter(workspace=request.workspace_id, slug__in=slugs)
    }
    rows = Membership.objects.filter(group__in=[group.pk for group in found.values()], person__is_active=True)
    people: dict[UUID, dict[UUID, str]] = {}
    for group_id, member_id, name in rows.order_by("person__name").values_list("group_id", "person_id", "person__name"):
        people.setdefault(group_id, {})[member_id] = name
    approving = {vote.person_id for vote in votes if vote.verdict == "approve" and vote.digest == request.digest}
    return tuple(_group(slug, found.get(slug), people, approving, person_id) for slug in slugs)


def _group(
    slug: str,
    group: ApproverGroup | None,
    people: dict[UUID, dict[UUID, str]],
    approving: set[UUID],
    person_id: UUID | None,
) -> ShownGroup:
    members = people.get(group.pk, {}) if group else {}
    return ShownGroup(
        slug=slug,
        name=group.name if group else slug,
        members=tuple(members.values()),
        approvers=tuple(name for member, name in members.items() if member in approving),
        is_mine=person_id in members,
    )


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
