"""Taking away what ended requests were judged on, and by whom they are found (AUD-07, RPL-02)."""

from collections.abc import Collection, Sequence
from uuid import UUID

from approvals.domain.search_terms import is_person
from approvals.models import AgentActionRequest
from approvals.selectors.kept_longer import as_ids
from approvals.services.search_terms import term_of, texts_of
from audit.selectors.erasable import list_events_of
from audit.selectors.events import list_entries
from audit.services.search_index import take_terms
from governance.models import Workspace
from governance.selectors.dnc_secret import get_dnc_keys


def forget_requests(workspace: Workspace, request_ids: Collection[str]) -> None:
    """Empty the facts of requests, so that a replay answers `erased`, and their search terms of people.

    In the caller's transaction.
    """
    forget_people(workspace, list_events_of(workspace.slug, request_ids))  # before the facts: they name the people
    AgentActionRequest.objects.filter(workspace=workspace, pk__in=as_ids(request_ids)).update(facts={})


def forget_people(workspace: Workspace, event_ids: Sequence[UUID]) -> None:
    """None of the events is found by a person any more. In the caller's transaction."""
    keys = get_dnc_keys()
    people = {
        event_id: [term_of(workspace.pk, text, keys) for text in texts if is_person(text)]
        for event_id, (_, texts) in texts_of(list_entries(event_ids, workspace=workspace.slug), keys).items()
    }
    take_terms(people)
