"""A reviewer's desk: the next and the previous request, what is put off, and who else has it open (APR-03)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.domain.put_off import put_off_until
from approvals.models import AgentActionRequest
from approvals.selectors.neighbours import find_neighbour
from approvals.services.escalation_by_person import escalate_request
from approvals.services.pages.on_hold import show_on_hold
from approvals.services.reservations import leave, look_at
from approvals.services.review import ReviewError
from approvals.services.snoozing import end_snooze, snooze_request
from approvals.views.access import Desk, request_view, workspace_view
from approvals.views.filters import read_inbox_filters
from approvals.views.page import render_page
from approvals.views.review import next_address, refused
from audit.selectors.clock import get_now


@require_safe
@request_view("view_requests")
def neighbour(request: HttpRequest, desk: Desk, row: AgentActionRequest, step: str) -> HttpResponse:
    """The next or previous one that waits for this person under the same filters; at the end, where they are."""
    filters = read_inbox_filters(request.GET)
    found = find_neighbour(
        row,
        person_id=desk.person_id,
        is_forward=step == "next",
        agent=filters.agent,
        object_type=filters.object,
        group=filters.group,
        like=filters.like,
        agents=desk.narrow("review_requests"),
    )
    if found is None:
        messages.info(request, "It is the last one." if step == "next" else "It is the first one.")
    address = reverse("approvals:review", args=[found or row.pk])
    return redirect(f"{address}?{filters.query}" if filters.query else address)


@require_POST
@request_view("review_requests")
def look(request: HttpRequest, desk: Desk, row: AgentActionRequest) -> HttpResponse:  # noqa: ARG001
    """The page is still open. Answers who else has it open, and whether it still waits."""
    others = look_at(request_id=row.pk, person_id=desk.require_person(), now=get_now())
    return JsonResponse(
        {
            "is_open": row.status == "pending",
            "digest": row.digest,
            "others": [{"name": item.person, "since": f"{item.at:%H:%M}"} for item in others],
        }
    )


@require_POST
@request_view("review_requests")
def hold(request: HttpRequest, desk: Desk, row: AgentActionRequest) -> HttpResponse:
    now = get_now()
    until = put_off_until(request.POST.get("until", "") or request.POST.get("moment", ""), now=now)
    try:
        moment = snooze_request(
            request_id=row.pk,
            person_id=desk.require_person(),
            user_id=desk.user.pk,
            until=until or now,
            now=now,
        )
    except ReviewError as error:
        return refused(request, desk, row, error)
    leave(request_id=row.pk, person_id=desk.require_person())
    messages.success(request, f"On hold for you until {moment:%d %b, %H:%M} UTC. Others still see it.")
    return redirect(next_address(request, desk, row))


@require_POST
@request_view("review_requests")
def escalate(request: HttpRequest, desk: Desk, row: AgentActionRequest) -> HttpResponse:
    """Let the backup group decide too."""
    try:
        asked = escalate_request(
            request_id=row.pk,
            person_id=desk.require_person(),
            user_id=desk.user.pk,
            note=request.POST.get("note", ""),
            now=get_now(),
        )
    except ReviewError as error:
        return refused(request, desk, row, error)
    messages.success(request, f"Escalated: {', '.join(asked)} may decide it too. You still may.")
    return redirect(next_address(request, desk, row))


@require_POST
@request_view("review_requests")
def bring_back(request: HttpRequest, desk: Desk, row: AgentActionRequest) -> HttpResponse:
    try:
        end_snooze(request_id=row.pk, person_id=desk.require_person(), user_id=desk.user.pk, now=get_now())
        messages.success(request, "It is back in your inbox.")
    except ReviewError as error:
        return refused(request, desk, row, error)
    return redirect("approvals:review", row.pk)


@require_safe
@workspace_view("view_requests", of_agents=True)
def on_hold(request: HttpRequest, desk: Desk) -> HttpResponse:
    page = show_on_hold(workspace_id=desk.workspace.pk, person_id=desk.person_id, now=desk.now, agents=desk.agents)
    return render_page(request, desk, "on_hold.html", {"rows": page}, title="On hold")
