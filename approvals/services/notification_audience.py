"""Whom a piece of news concerns: those who may decide it, those who asked, those who answer for it (APR-13)."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from approvals.models import AgentActionRequest, Vote
from approvals.selectors.of_agents import concerned_agent_id
from approvals.selectors.quorum import find_keepers, get_excluded, get_requirement
from approvals.services.pages.review import DENY_REASONS
from audit.selectors.events import LedgerEntry
from governance.domain.agent_rights import AGENT_RIGHTS
from governance.domain.seats import Seat, people_in_seats
from governance.models import Agent, Workspace
from governance.selectors.agent_holders import list_holding_people
from governance.selectors.holders import list_holders, logins_that_may
from governance.selectors.seats import list_seats

_PRESETS = tuple(label for _, label in DENY_REASONS)


class Audience:
    """Answers of one turn: each workspace's seats and holders are read once."""

    def __init__(self, workspaces: Mapping[str, Workspace], requests: Mapping[str, AgentActionRequest]) -> None:
        self._workspaces = {row.pk: row for row in workspaces.values()}
        self._requests = requests
        self._seats: dict[UUID, list[Seat]] = {}
        self._reviewers: dict[tuple[UUID, UUID | None], set[UUID]] = {}
        self._keepers: dict[int, frozenset[str]] = {}
        self._holders: dict[tuple[UUID, str], set[UUID]] = {}

    def of_waiting(self, entry: LedgerEntry, request: AgentActionRequest) -> set[UUID]:
        """Who may decide it; of an escalation the backup's people; of what nobody may decide, RevOps."""
        if entry.type == "request.stranded":
            return self._holding(self._workspaces[request.workspace_id], "edit_policy")
        groups = get_requirement(request).all_groups
        if entry.type == "request.reminded":
            groups = (str(entry.data.get("group", "")),)
        if entry.type == "request.escalated":
            groups = (str(entry.data.get("backup", "")),)
        excluded = get_excluded(request, self._keepers_of(request))
        seats = self._seats_in(request.workspace_id)
        people = set[str]().union(*people_in_seats(groups, seats, excluded=excluded).values()) - excluded
        return {UUID(person) for person in people} & self._reviewing(request)

    def of_outcome(self, entry: LedgerEntry, request: AgentActionRequest) -> set[UUID]:
        """The agent's owner, or the person who asked; not whoever did it."""
        concerned = {request.agent.owner_id} if request.agent is not None else {request.person_id}
        return {person for person in concerned if person is not None and str(person) != entry.actor.id}

    def of_alarm(self, entry: LedgerEntry, workspace: Workspace, permission: str, agent: str) -> set[UUID]:
        """Who holds the permission, and the agent's owner; of what has an owner of its own, that one; never whoever
        did it."""
        if owner := str(entry.data.get("owner", "")):
            return {UUID(owner)}
        owners = Agent.objects.filter(workspace=workspace, name=agent) if agent else Agent.objects.none()
        people = self._holding(workspace, permission) | set(owners.values_list("owner_id", flat=True))
        for agent_id in owners.values_list("pk", flat=True) if permission in AGENT_RIGHTS else ():
            people |= list_holding_people(agent_id, permission)
        return {person for person in people if str(person) != entry.actor.id}

    def list_reasons(self, entries: Iterable[LedgerEntry]) -> dict[str, str]:
        """For each request that a person denied the reason as far as it was chosen from the list. One query at most."""
        denied = [UUID(entry.subject.id) for entry in entries if entry.type == "request.denied"]
        votes = Vote.objects.filter(request__in=denied, verdict="deny") if denied else ()
        return {
            str(vote.request_id): label
            for vote in votes
            for label in _PRESETS
            if vote.reason == label or vote.reason.startswith(f"{label}: ")
        }

    def _reviewing(self, request: AgentActionRequest) -> set[UUID]:
        """People who may review this agent's requests: nobody else learns of them. Read once for each agent."""
        key = (request.workspace_id, concerned_agent_id(request))
        if key not in self._reviewers:
            logins = logins_that_may("review_requests", workspace_id=key[0], agent_id=key[1])
            self._reviewers[key] = set(logins.filter(person__isnull=False).values_list("person_id", flat=True))
        return self._reviewers[key]

    def _keepers_of(self, request: AgentActionRequest) -> frozenset[str]:
        credential = request.credential_id or 0
        if credential not in self._keepers:
            self._keepers[credential] = find_keepers(request)
        return self._keepers[credential]

    def _seats_in(self, workspace_id: UUID) -> list[Seat]:
        if workspace_id not in self._seats:
            self._seats[workspace_id] = list_seats(workspace_id=workspace_id)
        return self._seats[workspace_id]

    def _holding(self, workspace: Workspace, permission: str) -> set[UUID]:
        key = (workspace.pk, permission)
        if key not in self._holders:
            self._holders[key] = list_holders(workspace, permission)
        return self._holders[key]
