"""The inbox: what waits for a person's vote, oldest first (APR-03, APR-05)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from approvals.domain.status import Status
from approvals.models import AgentActionRequest
from approvals.selectors.kept_secrets import has_kept_secret
from approvals.selectors.of_agents import requests_of
from approvals.selectors.quorum import get_backups, involved_people, read_requirement, votes_in_force
from approvals.selectors.snoozes import is_snoozed
from governance.selectors.held import AgentScope
from governance.selectors.seats import list_group_slugs

_CHUNK = 200
_MAX_SEEN = 2_000
MAX_COUNT = 1_000
Row = tuple[Any, ...]
_JOINED = ("agent", "connection", "person", "workspace")
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
    rows = AgentActionRequest.objects.filter(pk__in=ids).select_related(*_JOINED).defer(*_UNREAD).order_by("id")
    return tuple(rows) if ids else ()


def _find(reader: _Reader, after: str, limit: int, narrowed: tuple[str, str, str, str]) -> tuple[list[UUID], str]:
    """Ids of a page and the cursor behind it. The large columns of a request are not read for this."""
    workspace_id, person_id, agents = reader
    agent, object_type, group, like = narrowed
    groups = _groups(workspace_id, person_id, group) if person_id is not None else frozenset[str]()
    if person_id is None or not groups:
        return [], ""
    pending = _unseen(workspace_id, person_id).filter(
        requests_of(agents), **_given(agent__name=agent, object_type=object_type)
    )
    fields: list[str] | None = None
    if like:
        pattern = AgentActionRequest.objects.filter(pk=UUID(like), workspace_id=workspace_id).first()
        if pattern is None:
            return [], ""
        pending, fields = _alike(pending, pattern), _changed(pattern.patch)
    found: list[UUID] = []
    seen, last = 0, after
    for chunk in _scan(pending, after, limit, *(("patch",) if like else ())):
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


def _alike(rows: QuerySet[AgentActionRequest], pattern: AgentActionRequest) -> QuerySet[AgentActionRequest]:
    asker = Q(agent_id=pattern.agent_id) if pattern.agent_id else Q(agent=None, person_id=pattern.person_id)
    return rows.filter(
        asker,
        action=pattern.action,
        object_type=pattern.object_type,
        risk_tier=pattern.risk_tier,
    )


def _scan(rows: QuerySet[AgentActionRequest], after: str, limit: int, *more: str) -> Iterator[list[Row]]:
    """Narrow rows in chunks, the first as long as what is asked for: id, requirement, delegation, person, owner, and
    `more`."""
    names = ("pk", "decision__requirement", "facts__delegation", "person_id", "agent__owner_id", *more)
    narrow, cursor, seen, size = rows.order_by("id").values_list(*names), after, 0, limit + 1
    while seen < _MAX_SEEN:
        chunk = list((narrow.filter(pk__gt=UUID(cursor)) if cursor else narrow)[:size])
        yield chunk
        if len(chunk) < size:
            return
        seen, cursor, size = seen + size, str(chunk[-1][0]), max(size, _CHUNK)


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


def _given(**narrowed: str) -> dict[str, str]:
    return {name: value for name, value in narrowed.items() if value}
