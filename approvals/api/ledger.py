"""Doors to the proofs of the ledger (AUD-06). What a stranger needs to check: notes, indexes and hashes, no content."""

import base64
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from approvals.api.base import AgentView
from approvals.api.documented import documented
from approvals.api.own import get_own_request
from approvals.api.problem import ProblemError
from approvals.api.response import Response
from approvals.selectors.own_events import is_own_event
from audit.domain.event import Subject
from audit.selectors.checkpoint import SignedHead, get_newest_checkpoint
from audit.selectors.proofs import InclusionProof, get_inclusion_proof
from audit.selectors.receipts import make_bundle, make_receipt
from governance.adapters.file_response import file_response
from governance.domain import scopes

TEXT = "text/plain; charset=utf-8"


class CheckpointView(AgentView):
    """The newest signed checkpoint, as a C2SP signed note and in parts."""

    scopes: ClassVar = {"get": scopes.FOLLOW}

    @documented("Get the newest signed checkpoint", {200: "CheckpointAnswer"}, problems=(404,))
    def get(self, _request: Request) -> Response:
        head = get_newest_checkpoint()
        if head is None:
            raise ProblemError(404, "not_found", "no checkpoint has been signed yet")
        return Response(represent_head(head))


class InclusionProofView(AgentView):
    """The proof that an event about one's own doing lies under the newest checkpoint."""

    scopes: ClassVar = {"get": scopes.FOLLOW}

    @documented("Prove that an event lies in the ledger", {200: "ProofAnswer"}, problems=(404, 409))
    def get(self, _request: Request, event_id: UUID) -> Response:
        if not is_own_event(self.principal, event_id):
            raise ProblemError(404, "not_found", "no such event")
        proof = get_inclusion_proof(event_id)
        if proof is None:
            detail = "the event is not yet under a checkpoint; try again in a second"
            raise ProblemError(409, "not_yet_proven", detail, headers={"Retry-After": "1"})
        return Response(represent_proof(event_id, proof))


class ReceiptView(AgentView):
    """The receipt of one's own request: its newest signed event, self-contained, for any C2SP tool."""

    scopes: ClassVar = {"get": scopes.FOLLOW}

    @documented("Get the receipt of one of your requests", {}, problems=(404, 409), file=TEXT)
    def get(self, _request: Request, request_id: UUID) -> HttpResponse:
        row = get_own_request(self.principal, request_id)
        receipt = make_receipt(Subject("request", str(row.pk)))
        return _file(f"request-{row.pk}.tlog-proof", receipt, TEXT)


class BundleView(AgentView):
    """All signed events of one's own request with their proofs, without the values that may be erased."""

    scopes: ClassVar = {"get": scopes.FOLLOW}

    @documented("Get all proven events of one of your requests", {}, problems=(404, 409), file="application/json")
    def get(self, _request: Request, request_id: UUID) -> HttpResponse:
        row = get_own_request(self.principal, request_id)
        bundle = make_bundle(Subject("request", str(row.pk)), has_values=False)
        return _file(f"request-{row.pk}.bundle.json", bundle, "application/json")


def _file(name: str, content: bytes | None, media_type: str) -> HttpResponse:
    if content is None:
        detail = "nothing of the request is under a checkpoint yet; try again in a second"
        raise ProblemError(409, "not_yet_proven", detail, headers={"Retry-After": "1"})
    return file_response(name, content, content_type=media_type)


def represent_head(head: SignedHead) -> dict[str, Any]:
    return {"size": head.size, "root": head.root.hex(), "note": head.note, "signed_at": head.signed_at}


def represent_proof(event_id: UUID, proof: InclusionProof) -> dict[str, Any]:
    """Hashes in base64, leaf → root, as the C2SP tlog-proof format has them."""
    return {
        "event": event_id,
        "leaf_index": proof.leaf_index,
        "leaf_hash": proof.leaf_hash.hex(),
        "hashes": [base64.b64encode(item).decode() for item in proof.hashes],
        "checkpoint": represent_head(proof.checkpoint),
    }
