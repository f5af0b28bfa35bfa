"""One's own news, and how soon one wants which (APR-13)."""

from datetime import time
from uuid import UUID
from zoneinfo import available_timezones

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.domain.notification_kinds import Kind
from approvals.selectors.notifications import get_hours, list_news, list_wishes
from approvals.services.notification_choices import ChoiceError, choose_notifications
from approvals.services.pages.news import show_news
from approvals.views.access import Desk, member_view
from approvals.views.page import render_page


@require_safe
@member_view
def notifications(request: HttpRequest, desk: Desk) -> HttpResponse:
    after = _cursor(request.GET.get("after", ""))
    page = list_news(workspace_id=desk.workspace.pk, person_id=desk.person_id, after=after)
    context = {
        "news": page,
        "rows": show_news(page.rows, may_name="view_requests" in desk.permissions),
        "is_first_page": not after,
        "wishes": list_wishes(desk.person_id),
        "hours": get_hours(desk.person_id),
        "zones": sorted(available_timezones()),
    }
    return render_page(request, desk, "notifications.html", context, title="Notifications")


@require_POST
@member_view
def choose(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One's own wishes alone: there is nobody else's here."""
    form, person_id = request.POST, desk.require_person()
    try:
        choose_notifications(
            person_id=person_id,
            timings={kind: form[kind] for kind in Kind if kind in form},
            zone=form.get("zone", ""),
            digest_at=_clock(form.get("digest_at", "")),
            quiet_from=_clock(form.get("quiet_from", "")),
            quiet_until=_clock(form.get("quiet_until", "")),
        )
        messages.success(request, "Saved. It holds for what comes from now on.")
    except ChoiceError as error:
        messages.error(request, f"Nothing was saved: {error}.")
    return redirect(f"{reverse('approvals:notifications')}?workspace={desk.workspace.slug}")


def _clock(text: str) -> time:
    """Raises ChoiceError for what is no time of day."""
    try:
        found = time.fromisoformat(text)
    except ValueError as error:
        raise ChoiceError("give each time like 08:00") from error
    return found.replace(tzinfo=None, microsecond=0)


def _cursor(text: str) -> str:
    """Raises Http404 for what is no cursor."""
    try:
        return str(UUID(text)) if text else ""
    except ValueError as error:
        raise Http404 from error
