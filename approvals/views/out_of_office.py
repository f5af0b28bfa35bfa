"""Out of office: who votes in one's place, in whose place one votes, and ending either (APR-05)."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
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
    find_stand_in,
    list_others_stand_ins,
    list_own_groups,
    list_own_stand_ins,
    list_possible_stand_ins,
    list_seated_people,
)
from governance.services.stand_ins import MAX_DAYS, StandInError, name_stand_in, revoke_stand_in

_NAMES_FOR_OTHERS = "manage_agents"
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
    if _NAMES_FOR_OTHERS in desk.permissions:
        context |= _for_others(desk, now)
    return render_page(request, desk, "out_of_office.html", context, title="Out of office")


def _for_others(desk: Desk, now: datetime) -> dict[str, object]:
    """What who names stand-ins for other people sees on top: theirs, and whom to choose from. Who names is neither."""
    workspace_id, person_id = desk.workspace.pk, desk.person_id
    return {
        "names_for_others": True,
        "others": list_others_stand_ins(workspace_id=workspace_id, person_id=person_id, now=now),
        "away": list_seated_people(workspace_id=workspace_id, person_id=person_id),
        "able": list_possible_stand_ins(workspace_id=workspace_id, person_id=person_id),
    }


@require_POST
@member_view
def leave(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Name a stand-in, for oneself or for `person` in all of their groups: the service asks whether one may. The first
    day starts when it begins in UTC, the last one is a whole day."""
    form, now = request.POST, get_now()
    try:
        person_id, group_ids = _seats(desk, form)
        name_stand_in(
            workspace_id=desk.workspace.pk,
            person_id=person_id,
            stand_in_id=_id(form.get("stand_in", "")),
            group_ids=group_ids,
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
    """One's own from either side, or anybody's for who names them for others; else it is not found here."""
    person_id, workspace_id = desk.require_person(), desk.workspace.pk
    row = (
        find_stand_in(workspace_id=workspace_id, stand_in_id=stand_in_id)
        if _NAMES_FOR_OTHERS in desk.permissions
        else find_own_stand_in(workspace_id=workspace_id, person_id=person_id, stand_in_id=stand_in_id)
    )
    if row is None:
        raise Http404
    try:
        revoke_stand_in(stand_in_id=stand_in_id, user_id=desk.user.pk, now=get_now())
        messages.success(request, "Ended. It bites at once.")
    except _REFUSALS as error:
        messages.error(request, f"Nothing was ended: {error}.")
    return _back(desk)


def _seats(desk: Desk, form: QueryDict) -> tuple[UUID, list[UUID]]:
    """Who is away, and in which groups: those that were chosen, or all of somebody else's. Raises StandInError."""
    if not form.get("person"):
        return desk.require_person(), [_id(text) for text in form.getlist("groups")]
    person_id = _id(form.get("person", ""))
    groups = list_own_groups(workspace_id=desk.workspace.pk, person_id=person_id)
    return person_id, [group.pk for group in groups]


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
