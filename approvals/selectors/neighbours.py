"""The request before and the one behind, among those that wait for one person (APR-03)."""

from uuid import UUID

from django.db.models import Exists, OuterRef

from approvals.domain.status import Status
from approvals.models import AgentActionRequest
from approvals.selectors.inbox import list_inbox
from approvals.selectors.kept_secrets import has_kept_secret
from approvals.selectors.of_agents import requests_of
from approvals.selectors.quorum import get_backups, get_excluded, get_requirement, votes_in_force
from approvals.selectors.snoozes import is_snoozed
from governance.selectors.held import AgentScope
from governance.selectors.seats import list_group_slugs

_LOOKED_AT = 60
"""How far back one step looks: as long as other groups' requests may lie between two of one's own."""


def find_neighbour(
    request: AgentActionRequest,
    *,
    person_id: UUID | None,
    is_forward: bool,
    agent: str = "",
    object_type: str = "",
    group: str = "",
    like: str = "",
    agents: AgentScope = None,
) -> UUID | None:
    """The id of the next (or previous) one in this person's inbox, None at its end. A handful of queries."""
    if person_id is None:
        return None
    if is_forward:
        page = list_inbox(
            workspace_id=request.workspace_id,
            person_id=person_id,
            after=str(request.pk),
            limit=1,
            agent=agent,
            object_type=object_type,
            group=group,
            like=like,
            agents=agents,
        )
        return page.requests[0].pk if page.requests else None
    narrowed = {"agent__name": agent, "object_type": object_type}
    return _previous(request, person_id, narrowed, (group, like), agents)


def _previous(
    request: AgentActionRequest,
    person_id: UUID,
    narrowed: dict[str, str],
    group_and_like: tuple[str, str],
    agents: AgentScope,
) -> UUID | None:
    group, like = group_and_like
    groups = list_group_slugs(workspace_id=request.workspace_id, person_id=person_id)
    groups = groups & {group} if group else groups
    voted = votes_in_force().filter(request=OuterRef("pk"), person=person_id, digest=OuterRef("digest"))
    rows = AgentActionRequest.objects.filter(
        ~Exists(voted),
        ~is_snoozed(person_id),
        ~has_kept_secret(person_id),
        requests_of(agents),
        workspace=request.workspace_id,
        status=Status.PENDING,
        pk__lt=request.pk,
        **{name: value for name, value in narrowed.items() if value},
    )
    if like:  # the request at hand is one of them
        same = ("agent_id", "person_id", "action", "object_type", "risk_tier")
        rows = rows.filter(**{name: getattr(request, name) for name in same})
    found = list(rows.select_related("agent").defer("body").order_by("-id")[:_LOOKED_AT])
    backups = get_backups([row.pk for row in found])
    for row in found:
        wanted = {*get_requirement(row).all_groups, *backups.get(row.pk, {}).values()}
        is_alike = not like or _changed(row) == _changed(request)
        if is_alike and not groups.isdisjoint(wanted) and str(person_id) not in get_excluded(row, ()):
            return row.pk
    return None


def _changed(request: AgentActionRequest) -> list[str]:
    return sorted(item["field"] for item in request.patch)
