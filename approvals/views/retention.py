"""Retention and legal holds in the console (AUD-07)."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.domain.ledger_query import UnreadableQueryError
from approvals.services.erasing import MOST_COUNTED, list_due
from approvals.services.legal_holds import hold_what
from approvals.views.access import Desk, workspace_view
from approvals.views.page import render_page
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.selectors.access import NotAllowedError
from governance.selectors.dnc_secret import DncUnavailableError
from governance.selectors.retention import SHOWN, list_holds
from governance.services.change_errors import ChangeError
from governance.services.change_kind import ChangeRefusedError
from governance.services.retention import EVENT_CLASSES, PERMISSION, RetentionError, propose_lift, set_retention

_REFUSALS = (
    RetentionError, UnreadableQueryError, NotAllowedError, LedgerUnavailableError, DncUnavailableError, ChangeError,
    ChangeRefusedError,
)  # fmt: skip


@require_safe
@workspace_view("view_ledger", PERMISSION)
def retention(request: HttpRequest, desk: Desk) -> HttpResponse:
    text = request.GET.get("hold", "").replace("\x00", "").strip()[:200]
    holds = list_holds(desk.workspace.pk, text=text)
    context = {
        "due": list_due(desk.workspace, now=desk.now),
        "most": MOST_COUNTED,
        "holds": holds[:SHOWN],
        "has_more_holds": len(holds) > SHOWN,
        "hold_text": text,
        "classes": EVENT_CLASSES,
        "may_change": PERMISSION in desk.permissions,
    }
    return render_page(request, desk, "retention.html", context, title="Retention")


@require_POST
@workspace_view(PERMISSION)
def set_retention_rule(request: HttpRequest, desk: Desk) -> HttpResponse:
    text = request.POST.get("days", "")
    days = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else -1
    event_class = request.POST.get("event_class", "")

    def act() -> None:
        set_retention(
            workspace_id=desk.workspace.pk,
            event_class=event_class,
            days=days,
            person_id=desk.require_person(),
            user_id=desk.user.pk,
            now=get_now(),
        )

    return _do(request, desk, act, "So it is from now on." if days else "These values are kept for ever again.")


@require_POST
@workspace_view(PERMISSION)
def place_legal_hold(request: HttpRequest, desk: Desk) -> HttpResponse:
    given = request.POST

    def act() -> None:
        hold_what(
            workspace=desk.workspace,
            kind=given.get("kind", ""),
            what=given.get("what", ""),
            name=given.get("name", ""),
            person_id=desk.require_person(),
            user_id=desk.user.pk,
            now=get_now(),
        )

    return _do(request, desk, act, "Held. Nothing that it covers is erased.")


@require_POST
@workspace_view(PERMISSION)
def lift_legal_hold(request: HttpRequest, desk: Desk, hold_id: UUID) -> HttpResponse:
    def act() -> None:
        propose_lift(
            hold_id=hold_id,
            workspace_id=desk.workspace.pk,
            reason=request.POST.get("reason", ""),
            person_id=desk.require_person(),
            user_id=desk.user.pk,
            now=get_now(),
        )

    return _do(request, desk, act, "It waits for a second person of compliance.")


def _do(request: HttpRequest, desk: Desk, act: Callable[[], None], words: str) -> HttpResponse:
    try:
        act()
        messages.success(request, words)
    except _REFUSALS as error:
        messages.error(request, f"Nothing was changed: {error}.")
    return redirect(f"{reverse('approvals:retention')}?workspace={desk.workspace.slug}")
