"""What is kept although its time is up: what a legal hold covers, and requests that have not ended (AUD-07)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from approvals.models import AgentActionRequest, CaseRequest
from audit.selectors.erasable import list_subjects_with_terms
from governance.models import LegalHold, Workspace

Event = tuple[UUID, str]
"""Id and subject id of an event of the ledger."""


def list_held(workspace: Workspace, events: Sequence[Event]) -> set[UUID]:
    """Those of the events that a hold in force covers: all of a request or a case of which any event is held."""
    holds = list(LegalHold.objects.filter(workspace=workspace, lifted_at__isnull=True))
    subjects = {hold.subject_id for hold in holds if hold.kind == "case"}
    requests = CaseRequest.objects.filter(case_id__in=as_ids(subjects))
    subjects |= {str(request_id) for request_id in requests.values_list("request_id", flat=True)}
    terms = [hold.term for hold in holds if hold.term is not None]
    if terms:
        subjects |= list_subjects_with_terms(workspace.slug, {subject for _, subject in events}, terms)
    return {event_id for event_id, subject in events if subject in subjects}


def list_under_way(events: Sequence[Event], *, before: datetime) -> set[UUID]:
    """Those about a request that had not ended before the moment: its days are counted from its end. One query."""
    requests = AgentActionRequest.objects.filter(pk__in=as_ids(subject for _, subject in events))
    later = {str(pk) for pk in requests.exclude(finished_at__lt=before).values_list("pk", flat=True)}
    return {event_id for event_id, subject in events if subject in later}


def as_ids(texts: Iterable[str]) -> set[UUID]:
    """Those of the texts that are ids of rows."""
    found = set()
    for text in texts:
        try:
            found.add(UUID(text))
        except ValueError:
            continue
    return found
