"""The inbox: what waits for a person's vote, oldest first (APR-03, APR-05)."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from approvals.domain.status import Status
from approvals.models import AgentActionRequest
from approvals.selectors.kept_secrets import has_kept_secret
from approvals.selectors.of_agents import requests_of
from approvals.selectors.quorum import get_backups, involved_people, read_requirement, votes_in_force
from approvals.selectors.snoozes import is_snoozed
from audit.selectors.kept_query import KeptQuery
from governance.selectors.held import AgentScope
from governance.selectors.seats import list_group_slugs

_CHUNK = 200
_MAX_SEEN = 2_000
MAX_COUNT = 1_000
Row = tuple[Any, ...]
_JOINED = ("agent", "connection", "person")
_UNREAD = ("facts",)
"""Large, and nothing of it is shown in a list of what waits."""


class _Reader(NamedTuple):
    workspace_id: UUID
    person_id: UUID | None
    agents: AgentScope


@dataclass(frozen=True, slots=True)
class InboxPage:
    """`after` is the cursor of the next page, empty on the last one. A page may be short and still not be the last."""

    requests: tuple[AgentActionRequest, ...]
    after: str


def list_inbox(
    *,
    workspace_id: UUID,
    person_id: UUID | None,
    after: str = "",
    limit: int = 50,
    agent: str = "",
    object_type: str = "",
    group: str = "",
    like: str = "",
    agents: AgentScope = None,
) -> InboxPage:
    """Pending requests of the workspace that lack this person's vote in one of their groups, oldest first.

    Keyset pages by id. The agent's owner and who asked for a revert do not see their own. Looks at no more than some
    2,000 rows a page, so that a full inbox of another group costs no one their page. `agent` (its name), `object_type`
    and `group` narrow it, `like` to what changes the same fields as that request, by the same requester and under the
    same tier, `agents` to what concerns them; a login that belongs to no person (None) has nothing waiting. Three
    queries where most rows are theirs.
    """
    found, cursor = _find(_Reader(workspace_id, person_id, agents), after, limit, (agent, object_type, group, like))
    return InboxPage(list_waiting(found), cursor)


def find_waiting(*, workspace_id: UUID, person_id: UUID | None, agents: AgentScope = None) -> list[UUID]:
    """Ids of what waits for this person, the oldest first, up to 1,000: to be counted. Three queries where most of it
    is theirs."""
    return _find(_Reader(workspace_id, person_id, agents), "", MAX_COUNT, ("", "", "", ""))[0]


def list_waiting(ids: Sequence[UUID]) -> tuple[AgentActionRequest, ...]:
    """These requests as a list shows them, the oldest first. One query."""
    return tuple(_WAITING.fetch(tuple(ids)))


def _list_shown(ids: Collection[UUID]) -> QuerySet[AgentActionRequest]:
    return AgentActionRequest.objects.filter(pk__in=ids).select_related(*_JOINED).defer(*_UNREAD).order_by("id")


_WAITING = KeptQuery(_list_shown)


def _find(reader: _Reader, after: str, limit: int, narrowed: tuple[str, str, str, str]) -> tuple[list[UUID], str]:
    """Ids of a page and the cursor behind it. The large columns of a request are not read for this."""
    workspace_id, person_id, agents = reader
    agent, object_type, group, like = narrowed
    groups = _groups(workspace_id, person_id, group) if person_id is not None else frozenset[str]()
    if person_id is None or not groups:
        return [], ""
    alike: tuple[UUID | str | None, ...] | None = None
    fields: list[str] | None = None
    if like:
        pattern = AgentActionRequest.objects.filter(pk=UUID(like), workspace_id=workspace_id).first()
        if pattern is None:
            return [], ""
        alike, fields = _like(pattern), _changed(pattern.patch)
    scope = None if agents is None else tuple(sorted(agents))
    found: list[UUID] = []
    seen, last = 0, after
    wanted = (workspace_id, person_id), scope, (agent or None, object_type or None), alike
    for chunk in _scan(after, limit, wanted):
        theirs = _of_person(chunk, groups, person_id)
        for row in chunk:
            seen, last = seen + 1, str(row[0])
            if row[0] in theirs and (fields is None or _changed(row[5]) == fields):
                found.append(row[0])
                if len(found) == limit:
                    return found, last
    return found, last if seen >= _MAX_SEEN else ""


def _groups(workspace_id: UUID, person_id: UUID, group: str) -> frozenset[str]:
    groups = list_group_slugs(workspace_id=workspace_id, person_id=person_id)
    return groups & {group} if group else groups


def _unseen(workspace_id: UUID, person_id: UUID) -> QuerySet[AgentActionRequest]:
    """What is pending, not put off by this person, not asked with a secret that they have seen, and has no vote of
    theirs in force on its present digest."""
    voted = votes_in_force().filter(request=OuterRef("pk"), person_id=person_id, digest=OuterRef("digest"))
    theirs = ~Exists(voted) & ~is_snoozed(person_id) & ~has_kept_secret(person_id)
    return AgentActionRequest.objects.filter(theirs, workspace_id=workspace_id, status=Status.PENDING)


def _like(pattern: AgentActionRequest) -> tuple[UUID | str | None, ...]:
    """What `_alike` compares: who asked, and for what."""
    person = None if pattern.agent_id else pattern.person_id
    return pattern.agent_id, person, pattern.action, pattern.object_type, pattern.risk_tier


def _alike(agent: UUID | None, person: UUID | None, action: str, object_type: str, tier: str) -> Q:
    asker = Q(agent_id=agent) if agent else Q(agent=None, person_id=person)
    return asker & Q(action=action, object_type=object_type, risk_tier=tier)


def _scan(after: str, limit: int, wanted: tuple[Any, ...]) -> Iterator[list[Row]]:
    """Narrow rows in chunks, the first as long as what is asked for: as `_list_narrow` has them, which says what is
    `wanted`."""
    cursor, seen, size = after, 0, limit + 1
    while seen < _MAX_SEEN:
        chunk = _chunks(size).fetch(UUID(cursor) if cursor else None, *wanted)
        yield chunk
        if len(chunk) < size:
            return
        seen, cursor, size = seen + size, str(chunk[-1][0]), max(size, _CHUNK)


@lru_cache(maxsize=16)
def _chunks(size: int) -> KeptQuery:
    return KeptQuery(lambda *wanted: _list_narrow(*wanted)[:size])


def _list_narrow(
    after: UUID | None,
    reader: tuple[UUID, UUID],
    agents: Collection[UUID] | None,
    narrowed: tuple[str | None, str | None],
    alike: tuple[Any, ...] | None,
) -> QuerySet[AgentActionRequest, Row]:
    """Id, requirement, delegation, person, owner; and the patch, where only those are wanted that are `alike`."""
    given = {"pk__gt": after, "agent__name": narrowed[0], "object_type": narrowed[1]}
    rows = _unseen(*reader).filter(
        requests_of(None if agents is None else frozenset(agents)),
        **{name: value for name, value in given.items() if value is not None},
    )
    names = ["pk", "decision__requirement", "facts__delegation", "person_id", "agent__owner_id"]
    if alike is not None:
        rows, names = rows.filter(_alike(*alike)), [*names, "patch"]
    return rows.order_by("id").values_list(*names)


def _of_person(chunk: list[Row], groups: frozenset[str], person_id: UUID) -> set[UUID]:
    """Ids of those that one of the groups decides, by itself or as the backup that a request was escalated to."""
    others = {row[0] for row in chunk if groups.isdisjoint(read_requirement(row[1]).all_groups)}
    backups = get_backups(others) if others else {}
    escalated = {pk for pk, found in backups.items() if not groups.isdisjoint(found.values())}
    return {
        pk
        for pk, _, delegation, asker, owner, *_ in chunk
        if (pk not in others or pk in escalated) and str(person_id) not in involved_people(asker, owner, delegation)
    }


def _changed(patch: list[dict[str, Any]]) -> list[str]:
    return sorted(item["field"] for item in patch)
