"""Doors of the do-not-contact list: agents ask, integrations add. Nobody takes off or reads here (DNC-04, DNC-06)."""

from typing import Any, ClassVar, cast

from rest_framework.request import Request

from approvals.api.base import AgentView
from approvals.api.documented import IDEMPOTENCY_KEY, documented
from approvals.api.headers import read_idempotency_key
from approvals.api.integration import IntegrationView
from approvals.api.response import Response
from approvals.domain.dnc_messages import MAX_CHECK_BYTES, DncCheck, NewDnc
from approvals.domain.proposal_parsing import to_struct
from audit.domain.canonical import digest
from governance.domain import scopes
from governance.domain.facts import RecipientFacts
from governance.domain.principal import SystemPrincipal
from governance.services.dnc_check import check_dnc_recipients
from governance.services.dnc_entries import NewDncEntry
from governance.services.dnc_submit import DncSubmitted, submit_dnc_entry


class DncCheckView(AgentView):
    """Is someone listed? Yes or no, for up to 1,000 addresses; never why."""

    scopes: ClassVar = {"post": scopes.ASK_DNC}
    body_limit: ClassVar = MAX_CHECK_BYTES

    @documented("Ask who is on the do-not-contact list", {200: "DncCheckAnswer"}, body="DncCheck")
    def post(self, _request: Request) -> Response:
        check: DncCheck = to_struct(self.body, DncCheck)
        answer = check_dnc_recipients(
            principal=self.principal,
            recipients=[RecipientFacts(kind=item.kind, address=item.address) for item in check.recipients],
            connection=check.connection,
            correlation_id=self.correlation_id,
            now=self.principal.now,
        )
        return Response(answer)


class DncEntriesView(IntegrationView):
    """Put someone on the list. For integrations alone: an agent is refused, whatever its token says."""

    scopes: ClassVar = {"post": scopes.ADD_DNC}

    @documented(
        "Put someone on the do-not-contact list",
        {201: "DncEntryAnswer"},
        body="NewDnc",
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request) -> Response:
        principal = cast("SystemPrincipal", request.user)
        submitted = submit_dnc_entry(
            principal=principal,
            entry=_new_entry(to_struct(self.body, NewDnc)),
            idempotency_key=read_idempotency_key(request),
            fingerprint=digest(self.body),
            now=principal.now,
        )
        headers = {"Idempotency-Replayed": "true"} if submitted.is_replay else None
        return Response(_represent(submitted), status=201, headers=headers)


def _new_entry(body: NewDnc) -> NewDncEntry:
    return NewDncEntry(
        kind=body.kind,
        value=body.value,
        reason=body.reason,
        source=body.source,
        brand=body.brand,
        effective_from=body.effective_from,
        effective_until=body.effective_until,
        covers=tuple((item.kind, item.value) for item in body.covers),
    )


def _represent(submitted: DncSubmitted) -> dict[str, Any]:
    return {
        "id": submitted.entry_id,
        "kind": submitted.kind,
        "effective_from": submitted.effective_from,
        "effective_until": submitted.effective_until,
        "added_at": submitted.added_at,
    }
