"""Where the votes on a request stand, by today's memberships (APR-04, APR-07)."""

from collections import defaultdict
from uuid import UUID

import msgspec
from django.db.models import Q
from django.db.models.functions import Now

from approvals.models import AgentActionRequest, Vote
from governance.domain.decision import Requirement
from governance.domain.quorum import CastVote, QuorumState, judge_quorum
from governance.models import Membership

# A vote that a standing approval cast falls with it, until the request is claimed.
_WITHDRAWN = Q(standing__revoked_at__isnull=False) | Q(standing__expires_at__lte=Now())


def get_requirement(request: AgentActionRequest) -> Requirement:
    """What the decision asks for; no groups when it asks for nobody (then nothing is ever met)."""
    stored = request.decision.get("requirement")
    return msgspec.convert(stored, Requirement) if stored else Requirement()


def get_memberships(workspace_id: UUID, groups: tuple[str, ...]) -> dict[str, set[str]]:
    """Group → ids of the active people in it now. One query."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    rows = Membership.objects.filter(
        group__workspace_id=workspace_id, group__slug__in=groups, person__is_active=True
    ).values_list("group__slug", "person_id")
    for slug, person_id in rows:
        found[slug].add(str(person_id))
    return dict(found)


def get_excluded(request: AgentActionRequest) -> set[str]:
    """People who may not decide this one: the agent's owner (joined), whom it acts for, or who asked for the revert."""
    excluded = {str(request.person_id)} if request.person_id else set()
    if request.agent is not None:
        excluded.add(str(request.agent.owner_id))
    return excluded | get_delegators(request)


def get_delegators(request: AgentActionRequest) -> set[str]:
    """Ids of the people for whom the agent acts here, as the decision saw them (IDN-04)."""
    return {str(item["person"]) for item in request.facts.get("delegation") or ()}


def get_quorum(request: AgentActionRequest, requirement: Requirement, *, digest: str) -> QuorumState:
    """The state of the review on this digest, now. Two queries."""
    votes = [
        CastVote(str(person_id), verdict, voted)
        for person_id, verdict, voted in Vote.objects.filter(request=request)
        .exclude(_WITHDRAWN)
        .values_list("person_id", "verdict", "digest")
    ]
    memberships = get_memberships(request.workspace_id, requirement.all_groups)
    return judge_quorum(requirement, votes, memberships, get_excluded(request), digest=digest)
