"""Who holds what for one agent alone (IDN-07)."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, QuerySet
from guardian.models import GroupObjectPermission, UserObjectPermission

from governance.domain.agent_rights import AGENT_RIGHTS
from governance.models import Agent, Person, User
from governance.selectors.holders import logins_that_may
from governance.selectors.workspace_people import list_people

_OF_AGENTS = {
    "content_type__app_label": "governance",
    "content_type__model": "agent",
    "permission__codename__in": AGENT_RIGHTS,
}


@dataclass(frozen=True, slots=True)
class Holding:
    """One login and its rights for one agent. `group` names the group of logins that holds them, empty for its own."""

    agent_id: UUID
    user_id: int
    rights: frozenset[str]
    group: str = ""


def list_holdings(agents: Collection[UUID]) -> list[Holding]:
    """What active logins hold for these agents alone, of their own and by a group. Two queries."""
    places = [str(agent) for agent in agents]
    own = UserObjectPermission.objects.filter(object_pk__in=places, user__is_active=True, **_OF_AGENTS)
    by_group = GroupObjectPermission.objects.filter(object_pk__in=places, group__user__is_active=True, **_OF_AGENTS)
    found: defaultdict[tuple[str, int, str], set[str]] = defaultdict(set)
    for place, user, codename in own.values_list("object_pk", "user_id", "permission__codename"):
        found[place, user, ""].add(codename)
    columns = ("object_pk", F("group__user__pk"), F("group__name"), "permission__codename")
    for place, user, group, codename in by_group.values_list(*columns):
        found[place, user, group].add(codename)
    return [
        Holding(UUID(place), user, frozenset(rights), group) for (place, user, group), rights in sorted(found.items())
    ]


def list_holder_names(agent_id: UUID) -> list[str]:
    """Names of the active people who hold anything for this agent alone. Three queries."""
    users = {holding.user_id for holding in list_holdings([agent_id])}
    rows = Person.objects.filter(users__in=users, is_active=True).order_by("name").distinct()
    return list(rows.values_list("name", flat=True))


def list_holding_people(agent_id: UUID, permission: str) -> set[UUID]:
    """Active people with an active login that holds the permission for this agent alone. Three queries."""
    users = {holding.user_id for holding in list_holdings([agent_id]) if permission in holding.rights}
    return set(Person.objects.filter(users__in=users, is_active=True).values_list("pk", flat=True)) if users else set()


@dataclass(frozen=True, slots=True)
class Holders:
    """Ids of active people who hold something: `everywhere` in the workspace, `alone` for single agents."""

    everywhere: frozenset[str]
    alone: Mapping[UUID, frozenset[str]]

    def of(self, agent_id: UUID | None) -> frozenset[str]:
        """Who holds it for this agent; None: for what is of no agent."""
        return self.everywhere | (self.alone.get(agent_id, frozenset()) if agent_id is not None else frozenset())


def find_holders(permission: str, *, workspace_id: UUID, agents: Collection[UUID]) -> Holders:
    """What `logins_that_may` says, for many agents of a workspace at once. Four queries."""
    logins = logins_that_may(permission, workspace_id=workspace_id, agent_id=None)
    people = logins.filter(person__is_active=True).values_list("person_id", flat=True)
    holdings = [holding for holding in list_holdings(agents) if permission in holding.rights]
    users = User.objects.filter(pk__in={holding.user_id for holding in holdings}, person__is_active=True)
    person_of = dict(users.values_list("pk", "person_id"))
    alone: defaultdict[UUID, set[str]] = defaultdict(set)
    for holding in holdings:
        if holding.user_id in person_of:
            alone[holding.agent_id].add(str(person_of[holding.user_id]))
    return Holders(frozenset(map(str, people)), {agent: frozenset(found) for agent, found in alone.items()})


def list_possible_holders(agent: Agent) -> QuerySet[User]:
    """Active logins of active people of the agent's workspace, and of none yet, by name."""
    people = list_people([agent.workspace_id])
    rows = User.objects.filter(person__in=people, is_active=True, is_superuser=False)
    return rows.select_related("person").order_by("person__name", "username")
