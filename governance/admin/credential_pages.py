"""Issue, rotate, revoke: the secret is on one page, once, that no cache keeps (IDN-02)."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables

from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.admin.actor import actor_of
from governance.admin.confirm import Deed, confirm
from governance.models import Agent, Credential
from governance.services.credentials import (
    CredentialError,
    IssuedCredential,
    issue_credential,
    revoke_credential,
    rotate_credential,
)

_ERRORS = (CredentialError, LedgerUnavailableError)


@never_cache
def issue_page(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Confirm, then show a new pair once."""
    deed = Deed(
        title=f"Issue a credential to {agent.name}",
        intro="The secret is shown once, on the next page. Nobody can read it afterwards.",
        submit="Issue credential",
        back=_page_of(agent),
        needs_reason=False,
    )
    return confirm(
        request,
        deed,
        lambda _: _secret(request, agent, issue_credential(agent_id=agent.pk, actor=actor_of(request), now=get_now())),
        _ERRORS,
    )


@never_cache
def rotate_page(request: HttpRequest, credential: Credential) -> HttpResponse:
    """Confirm, then show the new secret once."""
    agent = _agent(credential)
    deed = Deed(
        title=f"Rotate {credential.client_id}",
        intro=f"The old secret and every token of it end at once; {agent.name} needs the new one to go on.",
        submit="Rotate secret",
        back=_page_of(agent),
        needs_reason=False,
        is_dangerous=True,
    )

    def act(_: str) -> HttpResponse:
        issued = rotate_credential(credential_id=credential.pk, actor=actor_of(request), now=get_now())
        return _secret(request, agent, issued)

    return confirm(request, deed, act, _ERRORS)


@never_cache
def revoke_page(request: HttpRequest, credential: Credential) -> HttpResponse:
    """Confirm, then end the credential."""
    agent = _agent(credential)
    deed = Deed(
        title=f"Revoke {credential.client_id}",
        intro=f"The credential and its tokens end at once and for good. Another credential of {agent.name} goes on.",
        submit="Revoke credential",
        back=_page_of(agent),
        needs_reason=False,
        is_dangerous=True,
    )

    def act(_: str) -> str:
        revoke_credential(credential_id=credential.pk, actor=actor_of(request), now=get_now())
        return "Revoked. Its tokens have ended."

    return confirm(request, deed, act, _ERRORS)


@sensitive_variables("issued")
def _secret(request: HttpRequest, agent: Agent, issued: IssuedCredential) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": f"Credential of {agent.name}",
        "issued": issued,
        "back": _page_of(agent),
    }
    return TemplateResponse(request, "governance/secret.html", context)


def _agent(credential: Credential) -> Agent:
    if credential.agent is None:
        raise CredentialError("the credential belongs to no agent")
    agent: Agent = credential.agent
    return agent


def _page_of(agent: Agent) -> str:
    return reverse("admin:governance_agent_change", args=[agent.pk])
