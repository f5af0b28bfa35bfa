"""The palette's answers as lines to choose from: a name, what it is, and where it leads."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.urls import reverse

from approvals.domain.status import Status
from approvals.domain.visible_text import reveal_as_text
from approvals.domain.wording import status_words
from approvals.models import AgentActionRequest
from approvals.selectors.palette import Found, find_anything
from approvals.services.pages.rows import request_words, requester_name
from governance.models import User, Workspace

Line = dict[str, str]

MAX_LENGTH = 120


def show_palette(*, user: User, text: str) -> list[Line]:
    """Lines in the order of their kinds: requests, agents, groups, filters of the lists."""
    wanted = text.strip()[:MAX_LENGTH]
    found = find_anything(user=user, text=wanted)
    return [*_requests(found), *_agents(found), *_groups(found), *_statuses(found, wanted)] if wanted else []


def _requests(found: Found) -> Iterator[Line]:
    for row in found.requests:
        name = "approvals:review" if row.status == Status.PENDING else "approvals:trace"
        yield _line("Request", _words(row), f"{status_words(row.status)}, {row.pk}", reverse(name, args=[row.pk]))


def _words(row: AgentActionRequest) -> str:
    return reveal_as_text(f"{request_words(row, None)}, {requester_name(row)}")


def _agents(found: Found) -> Iterator[Line]:
    for agent in found.agents:
        for title, page in (("waiting for you", "approvals:inbox"), ("all its requests", "approvals:requests")):
            address = _filtered(page, agent.workspace, agent=agent.name)
            yield _line("Agent", f"{agent.name}: {title}", _place(found, agent.workspace), address)
        if agent.pk in found.revertable:
            address = _filtered("approvals:bulk_reverts", agent.workspace, agent=str(agent.pk))
            yield _line("Agent", f"{agent.name}: take changes back", _place(found, agent.workspace), address)


def _groups(found: Found) -> Iterator[Line]:
    for group in found.groups:
        address = _filtered("approvals:inbox", group.workspace, group=group.slug)
        yield _line("Inbox", f"only for {group.name}", _place(found, group.workspace), address)


def _statuses(found: Found, wanted: str) -> Iterator[Line]:
    for workspace in found.workspaces:
        for status in Status:
            if wanted.lower() in status_words(status):
                address = _filtered("approvals:requests", workspace, status=status.value)
                yield _line("Requests", f"all that are {status_words(status)}", _place(found, workspace), address)


def _filtered(page: str, workspace: Workspace, **filters: str) -> str:
    return f"{reverse(page)}?{urlencode({'workspace': workspace.slug, **filters})}"


def _place(found: Found, workspace: Workspace) -> str:
    """The workspace's name, where there is more than one to mistake it for."""
    return workspace.name if len(found.workspaces) > 1 else ""


def _line(kind: str, label: str, hint: str, address: str) -> Line:
    return {"kind": kind, "label": label, "hint": hint, "address": address}
