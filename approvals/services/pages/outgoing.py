"""What would leave the house, laid out as what it is: a message with its head and its text, not rows of a diff."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from approvals.domain.attached import READABLE_TYPES, kind_words
from approvals.domain.shown_value import show_value
from approvals.domain.visible_text import Piece, reveal
from approvals.domain.wording import short_digest
from approvals.models import AgentActionRequest
from approvals.services.attachments import listed_attachments
from approvals.services.pages.changes import ShownChange
from approvals.services.pages.records import read_values, record_now
from governance.domain.action_class import ATTACHMENTS, OUTWARD, PREPARED_OBJECTS

_HEAD = ("to", "cc", "bcc", "sender", "subject", "email", "sequence", "title", "invitee", "attendees", "phone", "queue")
_TEXT = ("body", "description")
_OBJECTS = frozenset(PREPARED_OBJECTS[action] for action in OUTWARD)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAttachment:
    """A file of the message. `is_readable`: rules looked at what it says, not only at its name."""

    name: tuple[Piece, ...]
    kind: str
    size: int
    sha256: str
    short: str
    is_readable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """`head`: whom it reaches first, then everything else that is written; `texts` what a person will read; `files`
    what is attached, in order."""

    head: tuple[ShownChange, ...]
    texts: tuple[ShownChange, ...]
    files: tuple[ShownAttachment, ...] = ()


def show_outgoing(request: AgentActionRequest, changes: Sequence[ShownChange]) -> Outgoing | None:
    """Every change, in a reader's order; None where there is something to compare with, or nothing goes out."""
    is_new = not request.record_id and all(change.before.kind in ("empty", "unread") for change in changes)
    if not changes or not is_new or request.object_type not in _OBJECTS:
        return None
    files = _files(request)
    apart = (*_TEXT, ATTACHMENTS) if files else _TEXT
    places = {name: place for place, name in enumerate(_HEAD)}
    head = sorted(
        (change for change in changes if change.field not in apart),
        key=lambda change: (places.get(change.field, len(places)), change.field),
    )
    return Outgoing(head=tuple(head), texts=tuple(change for change in changes if change.field in _TEXT), files=files)


def _files(request: AgentActionRequest) -> tuple[ShownAttachment, ...]:
    return tuple(
        ShownAttachment(
            name=reveal(item.name),
            kind=kind_words(item.content_type),
            size=item.size,
            sha256=item.sha256,
            short=short_digest(item.sha256),
            is_readable=item.content_type in READABLE_TYPES,
        )
        for item in listed_attachments(request)
    )


_NAMED = {"sequence_enrolments": ("sequence", "sequences")}
"""Object → its field that holds an id, and the object that the id is of."""


def with_names(request: AgentActionRequest, changes: tuple[ShownChange, ...]) -> tuple[ShownChange, ...]:
    """The changes, with the name before an id that a person cannot know. Reads a local CRM only; without an answer the
    id stands alone."""
    field, object_type = _NAMED.get(request.object_type, ("", ""))
    ids = [str(item["after"]) for item in request.patch if item["field"] == field and item["after"]]
    if not ids:
        return changes
    found = read_values(request.connection, object_type, ids, ["name"], is_local_only=True) or {}
    names = {record_id: record_now(record).title for record_id, record in found.items()}
    return tuple(
        replace(change, after=show_value(f"{names[ids[0]]} ({ids[0]})"))
        if change.field == field and names.get(ids[0])
        else change
        for change in changes
    )
