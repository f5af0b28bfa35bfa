"""Reports of other systems about what we did (LIM-04)."""

from typing import ClassVar, cast

import msgspec
from rest_framework.request import Request

from approvals.api.documented import documented
from approvals.api.integration import IntegrationView
from approvals.api.response import Response
from approvals.domain.delivery_messages import DeliveryNews
from approvals.domain.proposal_parsing import to_struct
from approvals.services.delivery import report_delivery
from governance.domain import scopes
from governance.domain.principal import SystemPrincipal


class DeliveryView(IntegrationView):
    """A message that was sent bounced, drew a complaint or was answered. For integrations; a report counts once."""

    scopes: ClassVar = {"post": scopes.REPORT_DELIVERY}

    @documented("Report a bounce, a complaint or a reply", {201: "DeliveryAnswer"}, body="DeliveryNews", problems=[404])
    def post(self, request: Request) -> Response:
        principal = cast("SystemPrincipal", request.user)
        news: DeliveryNews = to_struct(self.body, DeliveryNews)
        reported = report_delivery(
            principal=principal,
            kind=news.kind,
            request_id=news.request,
            connection=news.connection,
            message=news.message,
            now=principal.now,
        )
        return Response(msgspec.structs.asdict(reported), status=201)
