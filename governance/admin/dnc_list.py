"""The list of do-not-contact entries, "is this listed?", and one entry with its history (DNC-02/05)."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.admin.actor import user_of
from governance.admin.confirm import Deed, confirm
from governance.admin.dnc_door import PROOF_READERS, VIEWERS, chosen_workspace, dnc_page, ensure_any, in_words, rights
from governance.admin.dnc_forms import AskForm, FilterForm
from governance.domain.dnc_key import InvalidRecipientError
from governance.models import DncEntry
from governance.selectors.access import NotAllowedError, may
from governance.selectors.dnc_history import get_dnc_history
from governance.selectors.dnc_pages import PAGE, DncFilter, ask_dnc_list, list_dnc_page, state_of
from governance.selectors.dnc_secret import DncUnavailableError
from governance.selectors.people import list_actor_names
from governance.services.change_errors import ChangeError
from governance.services.change_kind import ChangeRefusedError
from governance.services.dnc_removal import propose_dnc_removal

_ERRORS = (ChangeError, ChangeRefusedError, NotAllowedError, LedgerUnavailableError)


def show_list(request: HttpRequest) -> HttpResponse:
    """GET: a page of the list. POST: the same with the answer to "is this listed?", so that no address is in a URL."""
    context = chosen_workspace(request, *VIEWERS)
    form, now = FilterForm(request.GET), get_now()
    form.is_valid()
    wanted = {name: form.cleaned_data.get(name) or "" for name in ("kind", "brand", "state")}
    before = form.cleaned_data.get("before")
    rows = list_dnc_page(context["workspace"].pk, DncFilter(**wanted), before=before, now=now)
    context |= {
        "rows": _shown(rows[:PAGE], now),
        "filter": form,
        "wanted": wanted,
        "before": before,
        **_asked(request, context),
    }
    kept = {"workspace": context["workspace"].slug, **{name: value for name, value in wanted.items() if value}}
    context["first"] = urlencode(kept)
    context["next"] = urlencode({**kept, "before": rows[PAGE - 1].pk}) if len(rows) > PAGE else ""
    return dnc_page(request, "dnc_list", "Do not contact", context)


def _shown(rows: list[DncEntry], now: Any) -> list[dict[str, Any]]:
    names = list_actor_names({row.added_by for row in rows})
    return [{"entry": row, "state": state_of(row, now), "by": names[row.added_by]} for row in rows]


def _asked(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    if request.method != "POST":
        return {}
    form = AskForm(request.POST)
    if not form.is_valid():
        return {"ask": form, "problem": "Type an address, a number, a domain or a record, and a time as offered."}
    text, at = form.cleaned_data["asked"], form.cleaned_data["at"] or get_now()
    try:
        return {"ask": form, "answer": ask_dnc_list(context["workspace"].pk, text, at=at)}
    except (InvalidRecipientError, DncUnavailableError) as error:
        return {"ask": form, "problem": f"{in_words(error)} What cannot be asked about is never sent to."}


def show_entry(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Everything about one entry; `?before=` pages through what it stopped."""
    rows = DncEntry.objects.select_related("workspace", "proof", "parent", "removal")
    entry = get_object_or_404(rows, pk=entry_id)
    ensure_any(request, entry.workspace_id, *VIEWERS)
    form = FilterForm(request.GET)
    form.is_valid()
    before = form.cleaned_data.get("before")
    context = {"entry": entry, "state": state_of(entry, get_now()), "history": get_dnc_history(entry, before=before)}
    context |= {"workspace": entry.workspace, "before": before, **rights(request, entry.workspace)}
    context["may_read_proof"] = any(may(user_of(request), name, entry.workspace_id) for name in PROOF_READERS)
    return dnc_page(request, "dnc_entry", "Do-not-contact entry", context)


def propose_removal(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    entry = get_object_or_404(DncEntry, pk=entry_id)
    ensure_any(request, entry.workspace_id, "manage_dnc")
    user, back = user_of(request), reverse("admin:governance_dncentry_change", args=[entry_id])
    person_id = user.person_id
    if person_id is None:
        raise PermissionDenied
    deed = Deed(
        title="Propose to take this entry off", intro=entry.value, lines=_CONSEQUENCES, submit="Propose", back=back
    )

    def act(reason: str) -> str:
        propose_dnc_removal(entry_id=entry_id, reason=reason, person_id=person_id, user_id=user.pk, now=get_now())
        return "Proposed. The entry holds until another person of compliance countersigns."

    return confirm(request, deed, act, _ERRORS)


_CONSEQUENCES = (
    "Another person of compliance has to countersign within seven days; until then nothing changes.",
    "Then the entry stops nothing any more, and every address that it covers comes off with it.",
    "The entry, its proof and its history stay on record.",
)
