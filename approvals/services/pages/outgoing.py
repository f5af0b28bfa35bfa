"""What would leave the house, laid out as what it is: a message with its head and its text, not rows of a diff."""

from collections.abc import Sequence
from dataclasses import dataclass

from approvals.models import AgentActionRequest
from approvals.services.pages.changes import ShownChange
from governance.domain.action_class import OUTWARD, PREPARED_OBJECTS

_HEAD = ("to", "cc", "bcc", "sender", "subject", "email", "sequence", "title", "invitee", "attendees", "phone", "queue")
_TEXT = ("body", "description")
_OBJECTS = frozenset(PREPARED_OBJECTS[action] for action in OUTWARD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """`head`: whom it reaches first, then everything else that is written; `texts` what a person will read."""

    head: tuple[ShownChange, ...]
    texts: tuple[ShownChange, ...]


def show_outgoing(request: AgentActionRequest, changes: Sequence[ShownChange]) -> Outgoing | None:
    """Every change, in a reader's order; None where there is something to compare with, or nothing goes out."""
    is_new = not request.record_id and all(change.before.kind in ("empty", "unread") for change in changes)
    if not changes or not is_new or request.object_type not in _OBJECTS:
        return None
    places = {name: place for place, name in enumerate(_HEAD)}
    head = sorted(
        (change for change in changes if change.field not in _TEXT),
        key=lambda change: (places.get(change.field, len(places)), change.field),
    )
    return Outgoing(head=tuple(head), texts=tuple(change for change in changes if change.field in _TEXT))
