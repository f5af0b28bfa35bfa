"""The base of every door: the order of checks, JSON out, problems, no caching."""

from typing import Any, ClassVar

import msgspec
from django.http import HttpResponse
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from approvals.api.authentication import BearerAuthentication, get_principal
from approvals.api.body import read_object
from approvals.api.problem import CONTENT_TYPE, insufficient_scope, problem_document, to_problem
from approvals.api.response import MEDIA_TYPE, Response
from approvals.domain.envelope import JsonValue
from approvals.domain.proposal_parsing import MAX_ITEM_BYTES
from audit.domain.identifier import new_id
from governance.domain.principal import Principal
from governance.selectors.principal import find_principal
from governance.services.credential_use import note_credential_use


class JsonRenderer(BaseRenderer):
    """Names the one representation in the OpenAPI document; answers are encoded by `approvals.api.response`."""

    media_type = MEDIA_TYPE
    format = "json"
    charset = None


RENDERER = JsonRenderer()


class AgentView(APIView):
    """A door for agents. Checks go: size, content type, JSON, credential, scope; then the service judges the rest.

    `scopes` names the scope that each method needs; `body_limit` the largest body. `body` holds the parsed members.
    """

    authentication_classes = (BearerAuthentication,)
    permission_classes = ()
    parser_classes = ()
    renderer_classes = (JsonRenderer,)
    throttle_classes = ()
    http_method_names = ["get", "post", "head"]

    scopes: ClassVar[dict[str, str]] = {}
    body_limit: ClassVar[int] = MAX_ITEM_BYTES
    has_optional_body: ClassVar[bool] = False

    body: dict[str, JsonValue]
    principal: Principal

    @property
    def correlation_id(self) -> str:
        """The call's own id, from its header or made by the outermost middleware (EXE-06)."""
        return str(getattr(self.request, "correlation_id", "") or new_id())

    def find_principal(self, token: str) -> Principal | None:
        """The agent behind a token, None when it is not good."""
        return find_principal(token)

    def perform_content_negotiation(self, *_: Any, **__: Any) -> tuple[BaseRenderer, str]:
        """There is one representation; an `Accept` header is not argued with (RFC 9110 §12.5.1 allows it)."""
        return RENDERER, RENDERER.media_type

    def initial(self, request: Request, *_args: Any, **_kwargs: Any) -> None:
        """Runs before the handler; what it raises is told as a problem."""
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation()
        if request.method == "POST":
            self.body = read_object(request, limit=self.body_limit, is_optional=self.has_optional_body)
        self.perform_authentication(request)
        self.principal = get_principal(request)
        note_credential_use(credential_id=self.principal.credential_id, now=self.principal.now)
        scope = self.scopes.get((request.method or "").lower())
        if scope is not None and scope not in self.principal.scopes:
            raise insufficient_scope(scope)

    def handle_exception(self, exc: Exception) -> Any:
        """Every error as problem details."""
        problem = to_problem(exc)
        document = problem_document(problem, correlation_id=self.correlation_id)
        headers = {**self.headers, **problem.headers} if hasattr(self, "headers") else problem.headers
        return Response(document, status=problem.status, headers=headers, content_type=CONTENT_TYPE)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Nothing that an agent is told is kept by anybody in between."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["Cache-Control"] = "no-store"
        return answer


def problem_response(error: Exception, *, correlation_id: str) -> HttpResponse:
    """A problem outside of any door: unknown paths, and errors before a view was found."""
    problem = to_problem(error)
    content = msgspec.json.encode(problem_document(problem, correlation_id=correlation_id))
    headers = {**problem.headers, "Cache-Control": "no-store"}
    return HttpResponse(content, status=problem.status, content_type=CONTENT_TYPE, headers=headers)
