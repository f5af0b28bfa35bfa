"""The palette: what a few typed letters may mean, in the workspaces whose requests the person may read (APR-03)."""

import re
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from approvals.models import AgentActionRequest
from approvals.selectors.of_agents import of_agents, requests_of
from governance.models import Agent, ApproverGroup, User, Workspace
from governance.selectors.held import get_held

MOST_OF_A_KIND = 5
_HEX = re.compile(r"[0-9a-f]{8,32}")


@dataclass(frozen=True, slots=True)
class Found:
    """Rows that match, a few of each kind, each with its workspace joined; `revertable` are those of the agents whose
    changes the person may take back."""

    workspaces: tuple[Workspace, ...]
    requests: tuple[AgentActionRequest, ...]
    agents: tuple[Agent, ...]
    groups: tuple[ApproverGroup, ...]
    revertable: frozenset[UUID] = frozenset()


def find_anything(*, user: User, text: str) -> Found:
    """Requests by the beginning of their id or by their whole correlation id, agents and approver groups by a part of
    their name. Four queries, each by an index or over a short table; none of the rows for who may read no requests.
    """
    held = get_held(user)
    workspaces = held.list_reach("view_requests")
    everywhere, alone = held.list_where("view_requests"), held.list_agents("view_requests")
    if not workspaces or not text or "\x00" in text:
        return Found(workspaces, (), (), ())
    seen = Q(workspace__in=everywhere) | of_agents(frozenset(alone), "pk")
    agents = Agent.objects.filter(seen, name__icontains=text).select_related("workspace")
    groups = ApproverGroup.objects.filter(workspace__in=everywhere, name__icontains=text).select_related("workspace")
    named = tuple(agents.order_by("name")[:MOST_OF_A_KIND])
    return Found(
        workspaces,
        _requests(Q(workspace__in=everywhere) | requests_of(frozenset(alone)), text),
        named,
        tuple(groups.order_by("name")[:MOST_OF_A_KIND]),
        frozenset(row.pk for row in named if "revert_requests" in held.at_agent(row.workspace_id, row.pk)),
    )


def _requests(seen: Q, text: str) -> tuple[AgentActionRequest, ...]:
    rows = AgentActionRequest.objects.filter(seen).select_related("agent", "connection", "person")
    wanted = Q(correlation_id=text)
    digits = text.lower().replace("-", "")
    if _HEX.fullmatch(digits):
        wanted = Q(pk__gte=UUID(digits.ljust(32, "0")), pk__lte=UUID(digits.ljust(32, "f")))
    return tuple(rows.filter(wanted).order_by("-id")[:MOST_OF_A_KIND])
