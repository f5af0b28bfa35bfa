"""Doors for proposing: one request, a preview, a batch."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request

from approvals.api.base import AgentView
from approvals.api.documented import IDEMPOTENCY_KEY, documented
from approvals.api.headers import read_idempotency_key
from approvals.api.own import get_own_batch
from approvals.api.representation import represent_batch, represent_preview
from approvals.api.response import Response
from approvals.domain.proposal_parsing import MAX_BATCH_BYTES, parse_batch, parse_proposal
from approvals.services.batch import follow_batch, submit_batch
from approvals.services.preview import preview_request
from governance.domain import scopes


class PreviewView(AgentView):
    """POL-07: what would happen; commits nothing."""

    scopes: ClassVar = {"post": scopes.PROPOSE}

    @documented("See what a proposal would come to", {200: "PreviewAnswer"}, body="Proposal")
    def post(self, _request: Request) -> Response:
        proposal = parse_proposal(self.body, now=self.principal.now)
        preview = preview_request(principal=self.principal, proposal=proposal, now=self.principal.now)
        return Response(represent_preview(preview, proposal))


class BatchView(AgentView):
    """APR-06: up to 500 proposals under one manifest."""

    scopes: ClassVar = {"post": scopes.PROPOSE}
    body_limit: ClassVar = MAX_BATCH_BYTES

    @documented(
        "Propose up to 500 actions under one manifest",
        {201: "BatchAnswer"},
        body="Batch",
        problems=(409, 429),
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request) -> Response:
        submission = submit_batch(
            principal=self.principal,
            idempotency_key=read_idempotency_key(request),
            proposals=parse_batch(self.body, now=self.principal.now),
            now=self.principal.now,
        )
        return Response(represent_batch(submission), status=201)


class OneBatchView(AgentView):
    """One of one's own batches as it stands now: `partial` when its items differ."""

    scopes: ClassVar = {"get": scopes.FOLLOW}

    @documented("Get one of your batches", {200: "BatchAnswer"}, problems=(404,))
    def get(self, _request: Request, batch_id: UUID) -> Response:
        return Response(represent_batch(follow_batch(get_own_batch(self.principal, batch_id))))
