"""The token endpoint: the client credentials grant, and nothing else (IDN-02). Source: RFC 6749 §4.4, §5."""

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from oauth2_provider.views import TokenView

_CHALLENGE = 'Basic realm="countersign"'


class TokenEndpoint(TokenView):  # type: ignore[misc]  # the package ships no types
    """The toolkit's view without its device flow, which asks for no credential and knows errors of its own."""

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """A token, or an error of RFC 6749 §5.2. JSON in every case: some errors repeat what the caller wrote."""
        try:
            answer: HttpResponse = self.authorization_flow_token_response(request)
        except SuspiciousOperation:  # more fields or bytes than we read
            answer = JsonResponse({"error": "invalid_request"}, status=400)
        answer["Content-Type"] = "application/json"
        answer["Cache-Control"] = "no-store"
        if answer.status_code == 401:
            answer["WWW-Authenticate"] = _CHALLENGE
        return answer
