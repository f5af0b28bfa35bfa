"""The door of bad-action reports: for integrations by token, for people by their login (EXC-05)."""

from typing import Any, ClassVar, cast

import msgspec
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from approvals.api.authentication import BearerAuthentication
from approvals.api.body import read_object
from approvals.api.documented import documented
from approvals.api.integration import IntegrationView
from approvals.api.problem import ProblemError
from approvals.api.response import Response
from approvals.domain.bad_action import BadActionNews
from approvals.domain.proposal_parsing import to_struct
from approvals.services.bad_action import Reported, report_by_person, report_by_system
from audit.selectors.clock import get_now
from governance.domain import scopes
from governance.domain.principal import SystemPrincipal
from governance.models import User


class ReporterAuthentication(BearerAuthentication):
    """A bearer token; or, without that header, the session of a signed-in person, with its form token."""

    def authenticate(self, request: Request) -> tuple[Any, str]:
        """Raises ProblemError: 401 as for any token, 403 for a session's call that another site could have made."""
        user = getattr(request._request, "user", None)  # noqa: SLF001  # DRF's own would ask this class
        if request.headers.get("Authorization") or not (isinstance(user, User) and user.is_active):
            return super().authenticate(request)
        try:
            SessionAuthentication().enforce_csrf(cast("Request", request._request))  # noqa: SLF001  # has the form
        except exceptions.PermissionDenied as error:
            raise ProblemError(403, "csrf_failed", "send the form token of the session") from error
        return user, "session"


class BadActionView(IntegrationView):
    """Somebody says that an agent's action was bad: it opens an exception. The same reporter again changes nothing.

    An integration calls with its token; a person with the session of their login and its form token.
    """

    authentication_classes = (ReporterAuthentication,)
    scopes: ClassVar = {"post": scopes.REPORT_BAD_ACTION}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """A person has no credential and no scope: what they may report, the service judges."""
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation()
        self.perform_authentication(request)
        if not isinstance(request.user, User):
            super().initial(request, *args, **kwargs)
        elif request.method == "POST":
            self.body = read_object(request, limit=self.body_limit, is_optional=False)

    @documented("Report a bad action", {201: "BadActionAnswer"}, body="BadActionNews", problems=[404, 429])
    def post(self, request: Request) -> Response:
        news: BadActionNews = to_struct(self.body, BadActionNews)
        return Response(msgspec.structs.asdict(_report(request.user, news)), status=201)


def _report(who: object, news: BadActionNews) -> Reported:
    if isinstance(who, User):
        return report_by_person(
            user_id=who.pk, request_id=news.request, reason=news.reason, text=news.text, now=get_now()
        )
    principal = cast("SystemPrincipal", who)
    return report_by_system(
        principal=principal, request_id=news.request, reason=news.reason, text=news.text, now=principal.now
    )
