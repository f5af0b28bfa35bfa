"""Issue, rotate, revoke: the secret is on one page, once, that no cache keeps (IDN-02)."""

from datetime import datetime
from typing import TypedDict

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.admin.actor import actor_of
from governance.admin.confirm import Deed, confirm
from governance.models import Agent, Credential, Integration
from governance.services.credentials import (
    CredentialError,
    IssuedCredential,
    issue_credential,
    issue_integration_credential,
    revoke_credential,
    rotate_credential,
)

_ERRORS = (CredentialError, LedgerUnavailableError)


class _Who(TypedDict):
    actor: Actor
    now: datetime


@never_cache
def issue_page(request: HttpRequest, holder: Agent | Integration) -> HttpResponse:
    """Confirm, then show a new pair once."""
    deed = Deed(
        title=f"Issue a credential to {holder.name}",
        intro="The secret is shown once, on the next page. Nobody can read it afterwards.",
        submit="Issue credential",
        back=_page_of(holder),
        needs_reason=False,
    )

    def act(_: str) -> HttpResponse:
        who: _Who = {"actor": actor_of(request), "now": get_now()}
        if isinstance(holder, Agent):
            return _secret(request, holder, issue_credential(agent_id=holder.pk, **who))
        return _secret(request, holder, issue_integration_credential(integration_id=holder.pk, **who))

    return confirm(request, deed, act, _ERRORS)


@never_cache
def rotate_page(request: HttpRequest, credential: Credential) -> HttpResponse:
    """Confirm, then show the new secret once."""
    holder = _holder(credential)
    deed = Deed(
        title=f"Rotate {credential.client_id}",
        intro=f"The old secret and every token of it end at once; {holder.name} needs the new one to go on.",
        submit="Rotate secret",
        back=_page_of(holder),
        needs_reason=False,
        is_dangerous=True,
    )

    def act(_: str) -> HttpResponse:
        issued = rotate_credential(credential_id=credential.pk, actor=actor_of(request), now=get_now())
        return _secret(request, holder, issued)

    return confirm(request, deed, act, _ERRORS)


@never_cache
def revoke_page(request: HttpRequest, credential: Credential) -> HttpResponse:
    """Confirm, then end the credential."""
    holder = _holder(credential)
    deed = Deed(
        title=f"Revoke {credential.client_id}",
        intro=f"The credential and its tokens end at once and for good. Another credential of {holder.name} goes on.",
        submit="Revoke credential",
        back=_page_of(holder),
        needs_reason=False,
        is_dangerous=True,
    )

    def act(_: str) -> str:
        revoke_credential(credential_id=credential.pk, actor=actor_of(request), now=get_now())
        return "Revoked. Its tokens have ended."

    return confirm(request, deed, act, _ERRORS)


@sensitive_variables("issued")
def _secret(request: HttpRequest, holder: Agent | Integration, issued: IssuedCredential) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": f"Credential of {holder.name}",
        "issued": issued,
        "back": _page_of(holder),
    }
    return TemplateResponse(request, "governance/secret.html", context)


def _holder(credential: Credential) -> Agent | Integration:
    if credential.holder is None:
        raise CredentialError("the credential belongs to nobody")
    return credential.holder


def _page_of(holder: Agent | Integration) -> str:
    return reverse(f"admin:governance_{holder._meta.model_name}_change", args=[holder.pk])
