"""The inbox: what waits for a person's vote, oldest first (APR-03, APR-05)."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from approvals.domain.status import Status
from approvals.models import AgentActionRequest, Vote
from approvals.selectors.quorum import get_excluded, get_requirement
from governance.models import Membership

_CHUNK = 200
_MAX_CHUNKS = 10
MAX_COUNT = 1_000


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
) -> InboxPage:
    """Pending requests of the workspace that lack this person's vote in one of their groups, oldest first.

    Keyset pages by id. The agent's owner and who asked for a revert do not see their own. Looks at no more than 2,000
    rows a page, so that a full inbox of another group costs no one their page. `agent` (its name), `object_type` and
    `group` narrow it; a login that belongs to no person (None) has nothing waiting.
    """
    if person_id is None:
        return InboxPage((), "")
    groups = _groups(workspace_id, person_id, group)
    narrowed = {"agent__name": agent, "object_type": object_type}
    pending = _pending(workspace_id).filter(**{name: value for name, value in narrowed.items() if value})
    found: list[AgentActionRequest] = []
    cursor = after
    for _ in range(_MAX_CHUNKS if groups else 0):
        chunk = _read_chunk(pending, cursor)
        for request in _of_person(chunk, groups, person_id):
            found.append(request)
            if len(found) == limit:
                return InboxPage(tuple(found), str(request.pk))
        if len(chunk) < _CHUNK:
            return InboxPage(tuple(found), "")
        cursor = str(chunk[-1].pk)
    return InboxPage(tuple(found), cursor if groups else "")


def count_inbox(*, workspace_id: UUID, person_id: UUID | None) -> int:
    """How many requests wait for this person, counted up to 1,000."""
    return len(list_inbox(workspace_id=workspace_id, person_id=person_id, limit=MAX_COUNT).requests)


def _groups(workspace_id: UUID, person_id: UUID, group: str) -> frozenset[str]:
    rows = Membership.objects.filter(group__workspace_id=workspace_id, person_id=person_id, person__is_active=True)
    if group:
        rows = rows.filter(group__slug=group)
    return frozenset(rows.values_list("group__slug", flat=True))


def _pending(workspace_id: UUID) -> QuerySet[AgentActionRequest]:
    rows = AgentActionRequest.objects.filter(workspace_id=workspace_id, status=Status.PENDING)
    return rows.select_related("agent", "connection", "person").order_by("id")


def _read_chunk(pending: QuerySet[AgentActionRequest], after: str) -> list[AgentActionRequest]:
    return list((pending.filter(pk__gt=UUID(after)) if after else pending)[:_CHUNK])


def _of_person(chunk: list[AgentActionRequest], groups: frozenset[str], person_id: UUID) -> list[AgentActionRequest]:
    voted = set(
        Vote.objects.filter(person_id=person_id, request__in=[row.pk for row in chunk]).values_list(
            "request_id", "digest"
        )
    )
    return [
        request
        for request in chunk
        if not groups.isdisjoint(get_requirement(request).groups)
        and (request.pk, request.digest) not in voted
        and str(person_id) not in get_excluded(request)
    ]
