"""Doors for an agent's own requests: propose, list, follow, cancel, trace. Another's request does not exist (404).

First of the six files that tell one request's way (docs/architecture.md); next is `approvals.services.intake`. When a
method runs, `AgentView` has read the JSON, found the agent behind the token and asked for the method's scope. The way
back ends here too: `RequestView` and `TraceView` tell what the row says by then, and so does the POST itself when it
was told to wait (`Prefer: wait`).
"""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request

from approvals.api.base import AgentView
from approvals.api.documented import IDEMPOTENCY_KEY, PREFER, documented
from approvals.api.filters import LIST_PARAMETERS
from approvals.api.headers import read_idempotency_key
from approvals.api.own import get_own_request, get_own_trace
from approvals.api.pages import list_page
from approvals.api.problem import ProblemError
from approvals.api.representation import represent_followed, represent_request
from approvals.api.response import Response
from approvals.api.submission import answer_submission
from approvals.api.trace import represent_trace
from approvals.domain.cancellation import Cancellation
from approvals.domain.proposal_parsing import InvalidProposalError, parse_proposal, refuse_future, to_struct
from approvals.domain.proposed import Proposed
from approvals.selectors.intake_context import IntakeContext, context_key, find_principal_in_context
from approvals.services.cancel import cancel_request
from approvals.services.intake import submit_request
from audit.domain.event import Actor
from governance.domain import scopes
from governance.domain.principal import Principal
from governance.domain.vocabulary import ActorType


class RequestsView(AgentView):
    """APR-02: propose an action; list one's own requests."""

    scopes: ClassVar = {"post": scopes.PROPOSE, "get": scopes.FOLLOW}
    proposal: Proposed | None = None
    context: IntakeContext | None = None

    def find_principal(self, token: str) -> Principal | None:
        """A proposal's context comes along; what is wrong with the proposal is told only once the token is good."""
        if self.request.method != "POST":
            return super().find_principal(token)
        try:
            self.proposal = parse_proposal(self.body)
            key = context_key(self.proposal, idempotency_key=read_idempotency_key(self.request))
        except (InvalidProposalError, ProblemError):
            return super().find_principal(token)
        principal, self.context = find_principal_in_context(token, key) or (None, None)
        return principal

    @documented(
        "Propose one action",
        {201: "RequestAnswer", 202: "RequestAnswer"},
        body="Proposal",
        problems=(409, 429),
        parameters=[IDEMPOTENCY_KEY, PREFER],
    )
    def post(self, request: Request) -> Response:
        proposal = self.proposal or parse_proposal(self.body)
        refuse_future(self.body, self.principal.now)
        submission = submit_request(
            principal=self.principal,
            proposal=proposal,
            idempotency_key=read_idempotency_key(request),
            now=self.principal.now,
            context=self.context,
        )
        return answer_submission(request, submission, proposal, now=self.principal.now)

    @documented("List your own requests", {200: "RequestPage"}, problems=(422,), parameters=LIST_PARAMETERS)
    def get(self, request: Request) -> Response:
        return Response(list_page(request, principal=self.principal))


class RequestView(AgentView):
    """One of one's own requests as it stands now."""

    scopes: ClassVar = {"get": scopes.FOLLOW}

    @documented("Get one of your requests", {200: "FollowedRequestAnswer"}, problems=(404,))
    def get(self, _request: Request, request_id: UUID) -> Response:
        return Response(represent_followed(get_own_request(self.principal, request_id)))


class CancelView(AgentView):
    """Take a request back before it is claimed. Again is harmless."""

    scopes: ClassVar = {"post": scopes.PROPOSE}
    has_optional_body: ClassVar = True

    @documented("Take a request back", {200: "RequestAnswer"}, body="Cancellation", problems=(404, 409))
    def post(self, _request: Request, request_id: UUID) -> Response:
        get_own_request(self.principal, request_id)
        cancel_request(
            request_id=request_id,
            actor=Actor(type=ActorType.AGENT, id=self.principal.agent_name),
            reason=to_struct(self.body, Cancellation).reason,
            now=self.principal.now,
            agent_id=self.principal.agent_id,
        )
        return Response(represent_request(get_own_request(self.principal, request_id)))


class TraceView(AgentView):
    """AUD-03: everything one request went through."""

    scopes: ClassVar = {"get": scopes.FOLLOW}

    @documented("Get everything a request went through", {200: "TraceAnswer"}, problems=(404,))
    def get(self, _request: Request, request_id: UUID) -> Response:
        return Response(represent_trace(get_own_trace(self.principal, request_id)))
