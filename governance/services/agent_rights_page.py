"""The page of one agent's people, in words: who may do what, and what was changed (IDN-07)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from guardian.models import UserObjectPermission

from audit.selectors.events import LedgerEntry, list_events
from governance.domain.agent_rights import AGENT_RIGHTS, RIGHT_WORDS, AgentRight
from governance.models import Agent, User
from governance.selectors.agent_holders import list_holdings, list_possible_holders
from governance.selectors.people import list_actor_names

_MOST_CHANGES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownHolder:
    """One login. `rights` are what it holds, `words` the same for people; `group` names a group of logins that holds
    them, which is not changed here."""

    user_id: int
    name: str
    rights: frozenset[str]
    words: tuple[str, ...]
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChange:
    """One change; `given` and `taken` in words."""

    at: datetime
    by: str
    holder: str
    given: tuple[str, ...]
    taken: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRightsPage:
    """`alone` hold rights for this agent alone, `everywhere` for all of the workspace; `free` may be given some."""

    alone: tuple[ShownHolder, ...]
    everywhere: tuple[ShownHolder, ...]
    free: tuple[tuple[int, str], ...]
    choices: tuple[tuple[str, str], ...]
    changes: tuple[ShownChange, ...]


def show_agent_rights(agent: Agent, *, for_user: User) -> AgentRightsPage:
    """Seven queries for any number of people. `for_user` is not among those to be given anything."""
    held = list_holdings([agent.pk])
    wide = _everywhere(agent)
    entries = list_events(
        type="agent_rights.changed",
        correlation_id=f"agent-{agent.pk}",
        workspace=agent.workspace.slug,
        limit=_MOST_CHANGES,
    )
    numbers = {holding.user_id for holding in held} | set(wide) | {int(entry.subject.id) for entry in entries}
    users = {user.pk: user for user in User.objects.filter(pk__in=numbers).select_related("person")}
    taken = {holding.user_id for holding in held if not holding.group}
    free = [user for user in list_possible_holders(agent) if user.pk not in taken and _is_other(user, for_user)]
    return AgentRightsPage(
        alone=tuple(_holder(users[item.user_id], item.rights, item.group) for item in held),
        everywhere=tuple(_holder(users[pk], rights) for pk, rights in wide.items() if users[pk].is_active),
        free=tuple((user.pk, _name(user)) for user in free),
        choices=tuple((right.value, RIGHT_WORDS[right]) for right in AgentRight),
        changes=_changes(entries, users),
    )


def _everywhere(agent: Agent) -> dict[int, frozenset[str]]:
    """Login → those of the rights that it holds in the whole workspace."""
    rows = UserObjectPermission.objects.filter(
        content_type__app_label="governance",
        content_type__model="workspace",
        object_pk=str(agent.workspace_id),
        permission__codename__in=AGENT_RIGHTS,
    )
    found: defaultdict[int, set[str]] = defaultdict(set)
    for user_id, codename in rows.order_by("user__person__name").values_list("user_id", "permission__codename"):
        found[user_id].add(codename)
    return {user_id: frozenset(rights) for user_id, rights in found.items()}


def _is_other(user: User, than: User) -> bool:
    return user.pk != than.pk and (than.person_id is None or user.person_id != than.person_id)


def _holder(user: User, rights: frozenset[str], group: str = "") -> ShownHolder:
    return ShownHolder(user_id=user.pk, name=_name(user), rights=rights, words=_words(rights), group=group)


def _name(user: User) -> str:
    return f"{user.person.name} ({user.username})" if user.person is not None else user.username


def _words(rights: Iterable[str]) -> tuple[str, ...]:
    held = set(rights)
    return tuple(words for right, words in RIGHT_WORDS.items() if right in held)


def _changes(entries: Iterable[LedgerEntry], users: dict[int, User]) -> tuple[ShownChange, ...]:
    rows = list(entries)
    names = list_actor_names({entry.actor.id for entry in rows})
    return tuple(
        ShownChange(
            at=entry.at,
            by=names[entry.actor.id],
            holder=_name(users[int(entry.subject.id)]) if int(entry.subject.id) in users else "a login that is gone",
            given=_words(entry.data["given"]),
            taken=_words(entry.data["taken"]),
        )
        for entry in rows
    )
