"""One recipient by address: what reached them, what caps leave now, and the stop by hand (LIM-06)."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.admin.actor import user_of
from governance.admin.dnc_door import chosen_workspace, dnc_page, in_words
from governance.domain.dnc_key import InvalidRecipientError
from governance.domain.frequency_words import CHANNEL_WORDS
from governance.models import Workspace
from governance.selectors.access import holds_anywhere, may
from governance.selectors.dnc_secret import DncUnavailableError
from governance.selectors.people import list_actor_names
from governance.selectors.touch_people import TouchedPerson, get_touched_person
from governance.services.touch_stops import PERMISSION, TouchStopError, resume_recipient, stop_recipient

# Who may see what reached whom: whoever sees the requests themselves.
VIEWER = "view_requests"
_ERRORS = (InvalidRecipientError, DncUnavailableError, TouchStopError, LedgerUnavailableError)
_DEEDS = {"stop": stop_recipient, "resume": resume_recipient}
_DONE = {
    "stop": "Stopped: nobody touches this recipient until somebody resumes.",
    "resume": "Resumed: this recipient may be touched again, as far as the caps let it.",
}


class AddressForm(forms.Form):
    """Whom it is about; with a deed, why."""

    address = forms.CharField(max_length=300, strip=True)
    deed = forms.ChoiceField(choices=[("", ""), *((name, name) for name in _DEEDS)], required=False)
    reason = forms.CharField(max_length=300, required=False)


def may_look(request: HttpRequest) -> bool:
    return holds_anywhere(request.user, VIEWER)


def show_person(request: HttpRequest) -> HttpResponse:
    """GET: the question. POST: the answer, so that no address is in a URL; with a deed, that first."""
    context = chosen_workspace(request, VIEWER)
    workspace = context["workspace"]
    context |= {"may_stop": may(user_of(request), PERMISSION, workspace.pk), "address": ""}
    form = AddressForm(request.POST or None)
    if request.method == "POST":
        context |= _answered(request, workspace, form) if form.is_valid() else {"problem": "Type an address."}
    return dnc_page(request, "touches_person", "Touches of a person", context)


def _answered(request: HttpRequest, workspace: Workspace, form: AddressForm) -> dict[str, Any]:
    address, deed = form.cleaned_data["address"], form.cleaned_data["deed"]
    told: dict[str, Any] = {"address": address}
    try:
        if deed:
            _do(request, workspace, deed, address, form.cleaned_data["reason"])
            told["done"] = _DONE[deed]
    except _ERRORS as error:
        told |= {"problem": in_words(error), "reason": form.cleaned_data["reason"]}
    try:
        told |= _shown(get_touched_person(workspace.pk, address, now=get_now()))
    except _ERRORS as error:
        told["problem"] = in_words(error)
    return told


def _do(request: HttpRequest, workspace: Workspace, deed: str, address: str, reason: str) -> None:
    user = user_of(request)
    if user.person_id is None or not may(user, PERMISSION, workspace.pk):
        raise PermissionDenied
    _DEEDS[deed](
        workspace_id=workspace.pk,
        address=address,
        reason=reason,
        person_id=user.person_id,
        user_id=user.pk,
        now=get_now(),
    )


def _shown(person: TouchedPerson) -> dict[str, Any]:
    names = list_actor_names({person.stopped_by}) if person.stopped_by else {}
    rows = [{"touch": touch, "channel": CHANNEL_WORDS.get(touch.action, touch.action)} for touch in person.touches]
    return {"person": person, "rows": rows, "stopped_by": names.get(person.stopped_by, "")}
