"""What the palette asks for while somebody types."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from approvals.services.pages.palette import show_palette
from approvals.views.access import signed_in


@require_safe
@login_required
def palette(request: HttpRequest) -> HttpResponse:
    """JSON: `{"results": [{"kind", "label", "hint", "address"}, …]}`."""
    results = show_palette(user=signed_in(request), text=request.GET.get("q", ""))
    return JsonResponse({"results": results}, headers={"Cache-Control": "no-store"})
