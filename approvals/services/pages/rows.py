"""Rows: requests as lists show them, for any number of rows in a constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from approvals.domain.status import Status
from approvals.domain.visible_text import reveal_as_text
from approvals.domain.wording import action_words, duration_words, record_words, status_tone, status_words
from approvals.models import AgentActionRequest
from approvals.selectors.quorum import get_requirement
from approvals.services.pages.changes import ShownChange, show_changes
from approvals.services.pages.labels import changed_labels, fields_of
from approvals.services.pages.records import RecordNow, place_of, read_records
from governance.domain.action_class import SENDS

PREVIEWED_CHANGES = 2
SOON_SECONDS = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """`age` and `expires_in` in words; `requester` is the agent, or the person behind a revert. `used` is how much of
    its time to be reviewed is over, in per cent; `needs` says when one person is not enough; `is_drifted` that the
    record of a local CRM was written since."""

    request: AgentActionRequest
    words: str
    requester: str
    changes: tuple[ShownChange, ...]
    more_changes: int
    age: str
    expires_in: str
    is_expiring_soon: bool
    status: str
    tone: str
    flags: tuple[str, ...]
    needs: str
    used: int
    is_drifted: bool
    all_changes: tuple[ShownChange, ...]


def show_rows(requests: Sequence[AgentActionRequest], *, now: datetime) -> tuple[RequestRow, ...]:
    """Expects `connection` and `agent` joined. Asks local CRMs for the records' names, vendors never."""
    records = read_records(requests, is_local_only=True)
    return tuple(_row(request, records.get(request.pk), now) for request in requests)


def request_words(request: AgentActionRequest, record: RecordNow | None) -> str:
    """The action in words, with the record's name where it is known. Expects `connection`."""
    object_type, record_id = place_of(request)
    title = record.title if record else ""
    if not record_id and request.action in SENDS:
        addresses = [item["address"] for item in request.facts.get("recipients") or ()]
        return action_words(action=request.action, target=reveal_as_text(", ".join(addresses[:1])), labels=())
    labels = changed_labels(request, fields_of(request, request.object_type))
    return action_words(action=request.action, target=record_words(object_type, record_id, title), labels=labels)


def requester_name(request: AgentActionRequest) -> str:
    if request.agent is not None:
        return request.agent.name
    return request.person.name if request.person is not None else "a person"


def _row(request: AgentActionRequest, record: RecordNow | None, now: datetime) -> RequestRow:
    shown = show_changes(request, fields_of(request, request.object_type), record)
    changes = tuple(change for change in shown if not change.is_signature)
    is_open = request.status in (Status.PENDING, Status.APPROVED) and request.expires_at is not None
    left = request.expires_at - now if is_open and request.expires_at else None
    return RequestRow(
        request=request,
        words=request_words(request, record),
        requester=requester_name(request),
        changes=changes[:PREVIEWED_CHANGES],
        more_changes=max(0, len(changes) - PREVIEWED_CHANGES),
        age=duration_words(now - request.created_at),
        expires_in=duration_words(left) if left is not None else "",
        is_expiring_soon=left is not None and left.total_seconds() < SOON_SECONDS,
        status=status_words(request.status),
        tone=status_tone(request.status),
        flags=tuple(reveal_as_text(str(flag)) for flag in request.body.get("risk_flags") or ()),
        needs=_needs(request),
        used=_used(request, now) if is_open else 0,
        is_drifted=any(change.now is not None for change in changes),
        all_changes=changes,
    )


def _needs(request: AgentActionRequest) -> str:
    """Words where one person is not enough."""
    requirement = get_requirement(request)
    people = max(requirement.count, len(requirement.groups) + len(requirement.alternatives))
    return f"needs {people} people" if people > 1 else ""


def _used(request: AgentActionRequest, now: datetime) -> int:
    if request.expires_at is None or request.expires_at <= request.created_at:
        return 0
    return min(100, max(0, round(100 * (now - request.created_at) / (request.expires_at - request.created_at))))
