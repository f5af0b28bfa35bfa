"""A circuit breaker of the story: an e-mail bounces, sending stops by itself, a person lets it go on (LIM-04)."""

import json
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

from django.db import transaction

from approvals.models import AgentActionRequest
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from config.demo.budgets import BREAKER
from config.demo.caller import Caller
from config.demo.story import REVOPS, wait_for, who
from governance.domain.scopes import REPORT_DELIVERY
from governance.models import BreakerState, Integration, Person, Workspace
from governance.services.breakers import reset_breaker
from governance.services.config_changes import record_config_change
from governance.services.credentials import issue_integration_credential

Say = Callable[[str], object]
_PROVIDER = "integration.mail"


def bounce(*, url: str, caller: Caller, say: Say) -> None:
    """The provider reports that the e-mail that left bounced. What follows is the breaker's own doing."""
    sent = AgentActionRequest.objects.filter(action="send_email", status="executed").order_by("-id")
    request = sent.filter(delivery_reports__isnull=True).select_related("workspace").first()
    if request is None:
        say("No e-mail left that could bounce.")
        return
    report(url, request, "bounce")
    state = BreakerState.objects.filter(workspace=request.workspace, name=BREAKER, opened_at__isnull=False)
    if not wait_for(state.exists, seconds=30):
        say("The mail provider reported a bounce; no circuit breaker opened.")
        return
    contact = str(caller.search("contacts", {"country": "United States"}, ["email"])[-1]["id"])
    answer = caller.send_email(contact, "Your question", "We answer soon. To opt out, reply with unsubscribe.")
    refused = next((item["message"] for item in answer["decision"]["checks"] if item["check"] == "breaker"), "")
    opened = state.get()
    say(f"The mail provider reported a bounce: the address is listed, and a breaker opened ({opened.why}).")
    person = who(REVOPS)
    reset_breaker(
        state_id=opened.pk,
        reason="One wrong address; it is on the list now.",
        user_id=person["user_id"],
        actor=Actor("human", str(person["person_id"])),
        now=get_now(),
    )
    say(f"The next e-mail was {answer['status']}: {refused}. RevOps looked, and closed the breaker.")


def report(url: str, request: AgentActionRequest, kind: str) -> None:
    """A bounce or a reply, as the provider reports it: over HTTP, by a credential that can report and nothing else."""
    actor = Actor("human", str(who(REVOPS)["person_id"]))
    issued = issue_integration_credential(
        integration_id=_integration(request.workspace, actor).pk, actor=actor, now=get_now()
    )
    form = {
        "grant_type": "client_credentials",
        "client_id": issued.client_id,
        "client_secret": issued.client_secret,
    }
    token = _send(f"{url}/oauth/token/", urllib.parse.urlencode(form).encode(), {})["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = json.dumps({"kind": kind, "request": str(request.pk)}).encode()
    _send(f"{url}/api/v1/reports/delivery/", body, headers)


def _integration(workspace: Workspace, actor: Actor) -> Integration:
    with transaction.atomic():
        row, is_new = Integration.objects.get_or_create(
            workspace=workspace,
            name=_PROVIDER,
            defaults={"owner": Person.objects.get(email=REVOPS), "scopes": [REPORT_DELIVERY]},
        )
        if is_new:
            record_config_change(
                workspace_id=workspace.pk,
                row=row,
                operation="created",
                fields=["owner", "scopes"],
                actor=actor,
                now=get_now(),
            )
    return row


def _send(address: str, data: bytes, headers: dict[str, str]) -> dict[str, Any]:
    request = urllib.request.Request(address, data=data, headers=headers)  # noqa: S310 our own server
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 our own server
        found: dict[str, Any] = json.load(answer)
        return found
