"""The search terms of events: added by whoever knows what an event is about, taken away with what they would tell."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import transaction

from audit.models import SearchTerm
from audit.services.follow import Following, restart
from audit.services.rows import insert_rows, uuid_wire

_CHUNK = 500


def add_terms(terms: Mapping[UUID, Iterable[int]]) -> None:
    """Write the terms of events, each once. In the follower's open transaction, which takes each event once."""
    rows = [(term, uuid_wire(event_id)) for event_id, own in terms.items() for term in sorted(set(own))]
    insert_rows(SearchTerm, ("term", "event_id"), rows)


def take_terms(terms: Mapping[UUID, Iterable[int]]) -> None:
    """Delete these terms of these events, as far as they are there: they are found by them no more."""
    by_term: dict[int, list[UUID]] = {}
    for event_id, own in terms.items():
        for term in own:
            by_term.setdefault(term, []).append(event_id)
    for term, events in by_term.items():
        for start in range(0, len(events), _CHUNK):
            SearchTerm.objects.filter(term=term, event_id__in=events[start : start + _CHUNK]).delete()


def rebuild_index(following: Following) -> None:
    """Empty the index and let its follower begin anew; until it is through, what it has not read is not found.

    Commits one transaction.
    """
    with transaction.atomic():
        restart(following)
        SearchTerm.objects.all().delete()
