"""Who may do what for one agent: the page on which rights for it alone are given and taken (IDN-07)."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.admin.actor import actor_of, user_of
from governance.models import Agent, User
from governance.selectors.access import NotAllowedError, may
from governance.services.agent_rights import GIVES, AgentRightsError, set_agent_rights
from governance.services.agent_rights_page import show_agent_rights

RIGHTS_SEEN_BY = ("manage_agents", "review_access", "view_ledger")
_REFUSALS = (AgentRightsError, NotAllowedError, LedgerUnavailableError)


def rights_page(request: HttpRequest, agent: Agent) -> HttpResponse:
    """GET: the people and what each may do. POST: one person's rights as they are ticked."""
    may_give = may(user_of(request), GIVES, agent.workspace_id)
    if request.method == "POST":
        if not may_give:
            raise PermissionDenied(GIVES)
        return _give(request, agent)
    context = {
        **admin.site.each_context(request),
        "title": f"Who may do what for {agent.name}",
        "agent": agent,
        "page": show_agent_rights(agent, for_user=user_of(request)),
        "may_give": may_give,
    }
    return TemplateResponse(request, "governance/agent_rights.html", context)


def _give(request: HttpRequest, agent: Agent) -> HttpResponse:
    try:
        held = set_agent_rights(
            agent_id=agent.pk,
            holder_id=_holder(request.POST.get("holder", "")),
            rights=request.POST.getlist("rights"),
            actor=actor_of(request),
            user_id=user_of(request).pk,
            now=get_now(),
        )
        messages.success(
            request, "Saved. It bites with their next click." if held else "Taken. They hold nothing here."
        )
    except _REFUSALS as error:
        messages.error(request, f"Nothing was changed: {error}.")
    return HttpResponseRedirect(reverse("admin:governance_agent_rights", args=[agent.pk]))


def _holder(text: str) -> int:
    """The login that the form names. Raises AgentRightsError."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if not User.objects.filter(pk=number).exists():
        raise AgentRightsError("choose a person")
    return number
