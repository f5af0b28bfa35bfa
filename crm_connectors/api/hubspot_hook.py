"""`POST /hooks/hubspot/CONNECTION/`: HubSpot's webhooks. No login: the signature is the proof."""

from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from audit.selectors.clock import get_now
from crm_connectors.services.opt_outs import HookRefusedError, receive_hubspot_news


@csrf_exempt
@require_POST
def hubspot_hook(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """204; 401 for whatever is not signed as it should be."""
    try:
        receive_hubspot_news(
            connection_id=connection_id,
            path=request.get_full_path(),
            body=request.body,
            signature=request.headers.get("X-HubSpot-Signature-v3", ""),
            timestamp=request.headers.get("X-HubSpot-Request-Timestamp", ""),
            now=get_now(),
        )
    except (HookRefusedError, RequestDataTooBig):
        return HttpResponse(status=401)
    return HttpResponse(status=204)
