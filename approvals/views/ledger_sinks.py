"""Sinks of the ledger in the console: where events go on to, how far each is behind (AUD-05)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.models.ledger_sink import KINDS
from approvals.selectors.ledger_sinks import list_sinks
from approvals.services.ledger_sinks import (
    PERMISSION,
    LedgerSinkError,
    add_sink,
    pause_sink,
    resume_sink,
    skip_event,
)
from approvals.views.access import Desk, workspace_view
from approvals.views.page import render_page
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.selectors.access import NotAllowedError

_REFUSALS = (LedgerSinkError, NotAllowedError, LedgerUnavailableError)


@require_safe
@workspace_view("view_ledger", PERMISSION)
def ledger_sinks(request: HttpRequest, desk: Desk) -> HttpResponse:
    context = {"sinks": list_sinks(desk.workspace.pk), "kinds": KINDS, "may_change": PERMISSION in desk.permissions}
    return render_page(request, desk, "ledger_sinks.html", context, title="Sinks of the ledger")


@require_POST
@workspace_view(PERMISSION)
def add_ledger_sink(request: HttpRequest, desk: Desk) -> HttpResponse:
    given = request.POST

    def act(**who: Any) -> None:
        add_sink(
            name=given.get("name", "").strip(),
            kind=given.get("kind", ""),
            address=given.get("address", "").strip(),
            is_from_start=given.get("from") == "start",
            **who,
        )

    return _do(request, desk, act, "Events go there from now on.")


@require_POST
@workspace_view(PERMISSION)
def change_ledger_sink(request: HttpRequest, desk: Desk, sink_id: UUID, name: str) -> HttpResponse:
    leaf = request.POST.get("leaf", "")
    leaf_index = int(leaf) if leaf.isascii() and leaf.isdigit() and len(leaf) < 16 else -1
    deeds: dict[str, tuple[Callable[..., None], str]] = {
        "pause": (lambda **who: pause_sink(sink_id=sink_id, **who), "Paused. It stays where it is."),
        "resume": (lambda **who: resume_sink(sink_id=sink_id, **who), "It goes on where it stayed."),
        "skip": (lambda **who: skip_event(sink_id=sink_id, leaf_index=leaf_index, **who), "That event is left out."),
    }
    if name not in deeds:
        raise Http404
    return _do(request, desk, *deeds[name])


def _do(request: HttpRequest, desk: Desk, act: Callable[..., object], words: str) -> HttpResponse:
    try:
        act(workspace=desk.workspace, person_id=desk.require_person(), user_id=desk.user.pk, now=get_now())
        messages.success(request, words)
    except _REFUSALS as error:
        messages.error(request, f"Nothing was changed: {error}.")
    return redirect(f"{reverse('approvals:ledger_sinks')}?workspace={desk.workspace.slug}")
