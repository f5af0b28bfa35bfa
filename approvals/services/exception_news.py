"""The follower that opens exceptions from the ledger: each event once, in its order (EXC-01)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from approvals.domain.exception_case import CaseKind
from approvals.domain.exception_news import EXCEPTION_TYPES, News, read_news
from approvals.models import AgentActionRequest
from approvals.services.exception_settling import link_rules, settle_known
from approvals.services.exceptions import Cause, open_case
from audit.selectors.clock import get_now
from audit.selectors.events import LedgerEntry
from audit.services.follow import Following
from governance.models import Workspace

_REQUEST = "request"
_Requests = dict[str, AgentActionRequest]


@dataclass(slots=True)
class _Seen:
    """What a turn saw of one cause."""

    seen_at: datetime
    count: int = 0
    requests: list[UUID] = field(default_factory=list)


def take_exceptions(entries: Sequence[LedgerEntry]) -> None:
    """Open or count what the events tell of, and settle the cases of what is known by now.

    As many queries for a thousand denials that are alike as for one. Runs in the follower's transaction.
    """
    now = get_now()
    requests = _find_requests(entries)
    workspaces = dict(Workspace.objects.values_list("slug", "pk"))
    grouped: dict[Cause, _Seen] = {}
    for entry in entries:
        news = read_news(entry.type, entry.actor.type, entry.actor.id, entry.subject.id, entry.data)
        cause = _cause(news, entry, requests, workspaces) if news is not None else None
        if news is not None and cause is not None:
            _note(entry, news, grouped.setdefault(cause, _Seen(entry.at)))
    for cause, seen in grouped.items():
        open_case(cause=cause, requests=seen.requests, count=seen.count, seen_at=seen.seen_at, now=now)
    settle_known(entries, now)
    link_rules(entries, now)


EXCEPTIONS = Following("exceptions", EXCEPTION_TYPES, take_exceptions)


def _find_requests(entries: Sequence[LedgerEntry]) -> _Requests:
    """The requests that the events are about, with their agents. One query."""
    ids = {entry.subject.id for entry in entries if entry.subject.type == _REQUEST}
    rows = AgentActionRequest.objects.filter(pk__in=[id_ for id_ in ids if _is_id(id_)]).select_related("agent")
    return {str(row.pk): row for row in rows.only("workspace", "object_type", "agent__name", "agent__is_drill")}


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _cause(news: News, entry: LedgerEntry, requests: _Requests, workspaces: dict[str, UUID]) -> Cause | None:
    """None for an event about what is not there: the ledger outlives rows. And for what a drill sent to be denied."""
    row = requests.get(entry.subject.id) if entry.subject.type == _REQUEST else None
    workspace_id = row.workspace_id if row is not None else workspaces.get(entry.workspace)
    if workspace_id is None or (entry.subject.type == _REQUEST and row is None):
        return None
    if row is not None and row.agent is not None and row.agent.is_drill:
        return None
    return Cause(
        workspace_id=workspace_id,
        kind=news.kind,
        agent=row.agent.name if row is not None and row.agent is not None and _is_its_own(news) else news.agent,
        code=news.code,
        field=news.field,
        object_type=row.object_type if row is not None else "",
        subject=news.subject,
    )


def _is_its_own(news: News) -> bool:
    """Whether the agent had a part in it: a canary bears its name, and it knows nothing of it."""
    return news.kind is not CaseKind.CANARY_MISSED


def _note(entry: LedgerEntry, news: News, seen: _Seen) -> None:
    seen.count += news.count
    seen.seen_at = max(seen.seen_at, entry.at)
    if entry.subject.type == _REQUEST:
        seen.requests.append(UUID(entry.subject.id))
