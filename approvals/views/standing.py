"""Standing approvals: the list, giving one right after approving, and revoking one in a click (APR-11)."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.models import AgentActionRequest, StandingApproval
from approvals.selectors.of_agents import of_agents
from approvals.services.pages.standing import show_standing
from approvals.services.standing import StandingRefusedError, give_standing_approval, revoke_standing_approval
from approvals.views.access import Desk, workspace_view
from approvals.views.page import render_page
from audit.selectors.clock import get_now

REVOKED_BY = ("review_requests", "edit_policy")


@require_safe
@workspace_view("view_requests", "review_requests", of_agents=True)
def standing(request: HttpRequest, desk: Desk) -> HttpResponse:
    number = max(1, _whole(request.GET.get("page")))
    page = show_standing(desk.workspace.pk, now=desk.now, page=number, agents=desk.agents)
    may_revoke = not desk.permissions.isdisjoint(REVOKED_BY)
    context = {"page": page, "number": number, "may_revoke": may_revoke}
    return render_page(request, desk, "standing.html", context, title="Standing approvals")


@require_POST
@workspace_view(*REVOKED_BY, of_agents=True)
def revoke(request: HttpRequest, desk: Desk, standing_id: UUID) -> HttpResponse:
    if not StandingApproval.objects.filter(of_agents(desk.agents), pk=standing_id, workspace=desk.workspace).exists():
        raise Http404
    revoke_standing_approval(standing_id=standing_id, person_id=desk.require_person(), now=get_now())
    messages.success(request, "Revoked. It approves nothing from now on.")
    return redirect(f"{reverse('approvals:standing')}?workspace={desk.workspace.slug}")


def give_if_asked(request: HttpRequest, desk: Desk, row: AgentActionRequest) -> None:
    """What the form beside Approve asks for. A refusal is told and takes nothing back: the approval stands."""
    if not request.POST.get("standing"):
        return
    try:
        give_standing_approval(
            request_id=row.pk,
            person_id=desk.require_person(),
            days=_whole(request.POST.get("days")),
            max_uses=_whole(request.POST.get("max_uses")),
            is_any_value=request.POST.get("values") == "any",
            confidence_gap=0.05,
            now=get_now(),
        )
    except StandingRefusedError as error:
        messages.warning(request, f"The next ones still come to you: {error}.")
    else:
        messages.success(request, "The next ones like this are approved for you. You can revoke that at any time.")


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 0
