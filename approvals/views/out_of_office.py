"""Out of office: who votes in one's place, in whose place one votes, and ending either (APR-05)."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.views.access import Desk, member_view
from approvals.views.page import render_page
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.selectors.access import NotAllowedError
from governance.selectors.stand_ins import (
    find_own_stand_in,
    list_own_groups,
    list_own_stand_ins,
    list_possible_stand_ins,
)
from governance.services.stand_ins import MAX_DAYS, StandInError, name_stand_in, revoke_stand_in

_REFUSALS = (StandInError, NotAllowedError, LedgerUnavailableError)


@require_safe
@member_view
def out_of_office(request: HttpRequest, desk: Desk) -> HttpResponse:
    now, workspace_id, person_id = get_now(), desk.workspace.pk, desk.person_id
    groups = list_own_groups(workspace_id=workspace_id, person_id=person_id)
    context = {
        "own": list_own_stand_ins(workspace_id=workspace_id, person_id=person_id, now=now),
        "groups": groups,
        "people": list_possible_stand_ins(workspace_id=workspace_id, person_id=person_id) if groups else [],
        "today": now.date(),
        "next_week": now.date() + timedelta(days=7),
        "now": now,
        "most": MAX_DAYS,
    }
    return render_page(request, desk, "out_of_office.html", context, title="Out of office")


@require_POST
@member_view
def leave(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Name a stand-in. The first day starts when it begins in UTC, the last one is a whole day."""
    form, now = request.POST, get_now()
    try:
        name_stand_in(
            workspace_id=desk.workspace.pk,
            person_id=desk.require_person(),
            stand_in_id=_id(form.get("stand_in", "")),
            group_ids=[_id(text) for text in form.getlist("groups")],
            starts_at=max(_midnight(form.get("first_day", "")), now),
            ends_at=_midnight(form.get("last_day", "")) + timedelta(days=1),
            reason=form.get("reason", "").replace("\x00", ""),
            user_id=desk.user.pk,
            now=now,
        )
        messages.success(request, "Named. It ends by itself, or when either of you ends it.")
    except _REFUSALS as error:
        messages.error(request, f"Nobody was named: {error}.")
    return _back(desk)


@require_POST
@member_view
def end_stand_in(request: HttpRequest, desk: Desk, stand_in_id: UUID) -> HttpResponse:
    """One's own from either side: another person's is not found here."""
    person_id = desk.require_person()
    if find_own_stand_in(workspace_id=desk.workspace.pk, person_id=person_id, stand_in_id=stand_in_id) is None:
        raise Http404
    try:
        revoke_stand_in(stand_in_id=stand_in_id, user_id=desk.user.pk, now=get_now())
        messages.success(request, "Ended. It bites at once.")
    except _REFUSALS as error:
        messages.error(request, f"Nothing was ended: {error}.")
    return _back(desk)


def _id(text: str) -> UUID:
    """Raises StandInError for what is no id."""
    try:
        return UUID(text)
    except ValueError as error:
        raise StandInError("choose a person and at least one group") from error


def _midnight(text: str) -> datetime:
    """The beginning of a day. Raises StandInError for what is no date."""
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError as error:
        raise StandInError("choose the first and the last day") from error


def _back(desk: Desk) -> HttpResponse:
    return redirect(f"{reverse('approvals:out_of_office')}?workspace={desk.workspace.slug}")
