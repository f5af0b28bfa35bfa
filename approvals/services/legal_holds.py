"""Placing a legal hold by what people know: an address, a record, a case; the address itself is not kept (AUD-07)."""

from datetime import datetime
from functools import partial
from uuid import UUID

from approvals.domain.ledger_query import LedgerQuery, UnreadableQueryError, to_search
from approvals.models import AgentActionRequest, ExceptionCase
from approvals.services.ledger_search import name_person
from approvals.services.search_terms import term_of
from governance.models import Workspace
from governance.selectors.dnc_secret import get_dnc_keys
from governance.services.retention import RetentionError, place_hold


def hold_what(
    *, workspace: Workspace, kind: str, what: str, name: str, person_id: UUID, user_id: int, now: datetime
) -> UUID:
    """Hold a person (e-mail or phone), a record (`connection/object/id`) or a case (id of a request or an exception).

    Returns the hold's id. Raises UnreadableQueryError, DncUnavailableError and what `place_hold` raises.
    """
    term, subject_id = None, ""
    match kind:
        case "person" | "record":
            term = _term(workspace, kind, what.strip())
        case "case":
            subject_id = _subject(workspace, what.strip())
        case _:
            raise RetentionError("hold a person, a record or a case")
    return place_hold(
        workspace_id=workspace.pk,
        kind=kind,
        name=name,
        term=term,
        subject_id=subject_id,
        person_id=person_id,
        user_id=user_id,
        now=now,
    )


def _term(workspace: Workspace, kind: str, what: str) -> int:
    if not what:
        raise UnreadableQueryError(kind, "say what is held")
    query = name_person(LedgerQuery(), what, workspace=workspace) if kind == "person" else LedgerQuery(record=what)
    term = partial(term_of, workspace.pk, keys=get_dnc_keys())
    return to_search(query, workspace=workspace.slug, term_of=term).terms[0]


def _subject(workspace: Workspace, text: str) -> str:
    try:
        subject = UUID(text)
    except ValueError:
        raise RetentionError("give the id of a request or of an exception") from None
    of_ours = (
        model.objects.filter(pk=subject, workspace=workspace).exists() for model in (ExceptionCase, AgentActionRequest)
    )
    if not any(of_ours):
        raise RetentionError("there is no such request and no such exception")
    return str(subject)
