"""The door of the ledger's search, for integrations alone: no agent reads what others did (AUD-04, IDN-07)."""

from typing import Any, ClassVar
from uuid import UUID

from rest_framework.request import Request

from approvals.api.documented import documented
from approvals.api.integration import IntegrationView
from approvals.api.problem import ProblemError
from approvals.api.response import Response
from approvals.domain.ledger_messages import LedgerSearch
from approvals.domain.ledger_query import LedgerQuery, UnreadableQueryError
from approvals.domain.proposal_parsing import to_struct
from approvals.services.ledger_search import name_person, search_ledger
from audit.selectors.events import LedgerEntry
from governance.domain import scopes
from governance.models import Workspace


class LedgerSearchView(IntegrationView):
    """Events of the integration's workspace, newest first: as they were recorded, without any erasable value."""

    scopes: ClassVar = {"post": scopes.READ_LEDGER}

    @documented("Search the ledger", {200: "LedgerPage"}, body="LedgerSearch")
    def post(self, _request: Request) -> Response:
        asked: LedgerSearch = to_struct(self.body, LedgerSearch)
        workspace = Workspace(pk=self.principal.workspace_id, slug=self.principal.workspace_slug)
        try:
            query = name_person(_query(asked), asked.person, workspace=workspace)
            page = search_ledger(query, workspace=workspace, before=_cursor(asked.after), limit=asked.limit)
        except UnreadableQueryError as error:
            raise ProblemError(422, error.code, f"`{error.field}`: {error}") from error
        return Response(
            {
                "events": [_represent(entry) for entry in page.entries],
                "next": page.next,
                "is_whole": page.is_whole,
                "behind": page.behind,
            }
        )


def _query(asked: LedgerSearch) -> LedgerQuery:
    return LedgerQuery(
        agent=asked.agent,
        record=asked.record,
        field=asked.field,
        correlation=asked.correlation_id,
        type=asked.type,
        first=asked.first_day,
        last=asked.last_day,
    )


def _cursor(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise ProblemError(422, "invalid_cursor", "the cursor is none of ours") from None


def _represent(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "leaf_index": entry.leaf_index,
        "type": entry.type,
        "at": entry.at,
        "actor": {"type": entry.actor.type, "id": entry.actor.id},
        "subject": {"type": entry.subject.type, "id": entry.subject.id},
        "correlation_id": entry.correlation_id,
        "data": entry.data,
        "commitments": entry.commitments,
    }
