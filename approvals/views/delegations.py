"""One's own delegations, on one's own page: which agent acts in one's name, and no longer (IDN-04)."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from approvals.selectors.of_agents import of_agents
from approvals.views.access import Desk, member_view
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.models import Agent
from governance.selectors.access import NotAllowedError
from governance.selectors.delegations import list_own_delegations
from governance.services.delegations import DelegationError, grant_delegation, revoke_delegation

_REFUSALS = (DelegationError, NotAllowedError, LedgerUnavailableError)


@require_POST
@member_view
def delegate(request: HttpRequest, desk: Desk) -> HttpResponse:
    form, person_id = request.POST, desk.require_person()
    try:
        grant_delegation(
            agent_id=_agent_id(desk, form.get("agent", "")),
            person_id=person_id,
            connection_id=None,
            actions=form.getlist("actions"),
            objects=form.getlist("objects"),
            reason=form.get("reason", "")[:1000],
            days=_days(form.get("days", "")),
            user_id=desk.user.pk,
            now=get_now(),
        )
        messages.success(request, "Granted. It ends by itself, or when you revoke it.")
    except _REFUSALS as error:
        messages.error(request, f"Nothing was granted: {error}.")
    return _back(desk)


@require_POST
@member_view
def revoke_own(request: HttpRequest, desk: Desk, delegation_id: UUID) -> HttpResponse:
    """Of one's own alone: another person's is not found here."""
    own = list_own_delegations(workspace_id=desk.workspace.pk, person_id=desk.require_person())
    if delegation_id not in {row.pk for row in own}:
        raise Http404
    try:
        revoke_delegation(delegation_id=delegation_id, user_id=desk.user.pk, now=get_now())
        messages.success(request, "Revoked. It bites with the next request.")
    except _REFUSALS as error:
        messages.error(request, f"Nothing was revoked: {error}.")
    return _back(desk)


def _agent_id(desk: Desk, text: str) -> UUID:
    """An agent of the desk's workspace. Raises DelegationError."""
    try:
        return Agent.objects.get(of_agents(desk.agents, "pk"), pk=UUID(text), workspace=desk.workspace).pk
    except (ValueError, ObjectDoesNotExist) as error:
        raise DelegationError("choose an agent") from error


def _days(text: str) -> int:
    """0, which no delegation lasts, for what is no number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else 0


def _back(desk: Desk) -> HttpResponse:
    return redirect(f"{reverse('approvals:mine')}?workspace={desk.workspace.slug}")
