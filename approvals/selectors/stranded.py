"""What nobody may decide any more, for the home page and its own (APR-05)."""

from collections import Counter
from uuid import UUID

from django.db.models import QuerySet

from approvals.domain.status import Status
from approvals.models import AgentActionRequest, Stranded
from approvals.selectors.of_agents import requests_of
from approvals.selectors.quorum import read_requirement
from governance.selectors.held import AgentScope

MAX_COUNT = 1_000


def count_stranded(*, workspace_id: UUID, agents: AgentScope = None) -> int:
    """How many pending requests nobody may decide, counted up to 1,000."""
    return stranded_rows(workspace_id=workspace_id, agents=agents)[:MAX_COUNT].count()


def stranded_rows(*, workspace_id: UUID, agents: AgentScope = None) -> QuerySet[Stranded]:
    """Those requests' marks, to be counted."""
    return Stranded.objects.filter(
        requests_of(agents, "request__"), request__workspace=workspace_id, request__status=Status.PENDING
    )


def count_stranded_by_group(*, workspace_id: UUID) -> Counter[str]:
    """Slug → how many of those wait for that group, the oldest 1,000 looked at: one that waits for two counts for each.
    One query."""
    return Counter(slug for _, slugs in _groups(workspace_id) for slug in slugs)


def list_stranded(
    *, workspace_id: UUID, group: str = "", limit: int = 100, agents: AgentScope = None
) -> list[AgentActionRequest]:
    """The oldest of them, of one group when named, with agent, connection and person joined. Two queries at most."""
    rows = _stranded(workspace_id).filter(requests_of(agents)).select_related("agent", "connection", "person")
    if group:
        rows = rows.filter(pk__in=[pk for pk, slugs in _groups(workspace_id) if group in slugs])
    return list(rows.order_by("id")[:limit])


def _stranded(workspace_id: UUID) -> QuerySet[AgentActionRequest]:
    return AgentActionRequest.objects.filter(workspace=workspace_id, status=Status.PENDING, stranded__isnull=False)


def _groups(workspace_id: UUID) -> list[tuple[UUID, tuple[str, ...]]]:
    """Each with the groups that may decide it, the oldest first."""
    rows = _stranded(workspace_id).order_by("id").values_list("pk", "decision__requirement")[:MAX_COUNT]
    return [(pk, read_requirement(stored).all_groups) for pk, stored in rows]
