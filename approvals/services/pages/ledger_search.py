"""Events as the search page shows them: who, what, about whom, and where each leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from audit.selectors.events import LedgerEntry
from governance.selectors.people import list_actor_names
from governance.selectors.subject_names import list_subject_names

_SHORT = 24


@dataclass(frozen=True, slots=True)
class EntryRow:
    """`link` is the trace of a request, empty for other subjects."""

    entry: LedgerEntry
    who: str
    what: str
    link: str


def show_entries(entries: Sequence[LedgerEntry]) -> list[EntryRow]:
    """Names in the place of ids, where there are any. One query for people, one a kind of subject."""
    names = list_actor_names({entry.actor.id for entry in entries if entry.actor.type == "human"})
    subjects = list_subject_names({(entry.subject.type, entry.subject.id) for entry in entries})
    return [
        EntryRow(
            entry,
            names.get(entry.actor.id, entry.actor.id),
            _what(entry, subjects.get((entry.subject.type, entry.subject.id), "")),
            _link(entry),
        )
        for entry in entries
    ]


def _what(entry: LedgerEntry, name: str) -> str:
    short = f"…{entry.subject.id[-8:]}" if len(entry.subject.id) > _SHORT else entry.subject.id
    return f"{entry.subject.type.replace('_', ' ')} {name or short}".strip()


def _link(entry: LedgerEntry) -> str:
    if entry.subject.type != "request":
        return ""
    try:
        return reverse("approvals:trace", args=[UUID(entry.subject.id)])
    except ValueError:
        return ""
