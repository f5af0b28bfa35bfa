"""The whole story over HTTP: an agent asks, policy rules, a person signs, the ledger holds, a step is undone."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from approvals.services.sweep import run_due
from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from audit.services.sequence import sequence_pending
from audit.services.verify import verify_ledger
from governance.services.credentials import issue_credential
from tests.builders.api import Site, get, make_body, make_site, post
from tests.builders.approvals import crm_value
from tests.builders.console import text_of
from tests.builders.crm_connectors import make_record
from tests.builders.governance import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def get_token(site: Site) -> str:
    """RevOps issues a credential; the agent exchanges it."""
    issued = issue_credential(agent_id=site.world.agent.pk, actor=Actor("human", "rosa"), now=get_now())
    form = {
        "grant_type": "client_credentials",
        "client_id": issued.client_id,
        "client_secret": issued.client_secret,
    }
    return str(Client().post("/oauth/token/", form).json()["access_token"])


def sign_in(site: Site) -> Client:
    client = Client()
    client.post("/admin/login/", {"username": site.world.approver_user.username, "password": PASSWORD})
    assert "_auth_user_id" in client.session
    return client


def check_ledger() -> None:
    while sequence_pending(now=get_now()):
        pass
    report = verify_ledger()
    assert report.is_ok, report


def test_from_token_to_revert() -> None:
    site = make_site()
    deal = make_record(site.connection_id, "deals", dealname="Pilot")
    token = get_token(site)

    def propose(**changes: Any) -> Any:
        return post("/action-requests/", make_body(site, **changes), token=token).json()

    # The agent reads what it was granted.
    record = get(f"/records/embedded/companies/{site.company}/?fields=name,numberofemployees", token=token).json()
    assert record["values"] == {"name": "Umicore", "numberofemployees": 100}

    # What people own is denied, with the reason; where the field has a twin, the value goes there.
    denied = propose(target={"object": "deals", "id": deal}, changes={"amount": 5}, expected=None)
    assert (denied["status"], denied["patch"]) == ("denied", [])
    redirected = propose(target={"object": "deals", "id": deal}, changes={"next_step": "Send the offer"}, expected=None)
    assert [change["field"] for change in redirected["patch"]] == ["agent_suggested_next_step"]

    # What needs a person waits, and nothing is written meanwhile.
    pending = propose(changes={"name": "Umicore NV"}, expected={"name": "Umicore"})
    assert pending["status"] == "pending"
    run_due(worker="journey")
    assert crm_value(site, "name") == "Umicore"

    # The manager signs in, finds it in the inbox, reads it, and approves what the page shows.
    manager = sign_in(site)
    address = reverse("approvals:review", args=[pending["id"]])
    assert address in text_of(manager.get(reverse("approvals:inbox")))
    shown = re.search(r'name="digest" value="([^"]+)"', text_of(manager.get(address)))
    assert shown is not None
    assert shown[1] == pending["digest"]
    assert manager.post(f"{address}approve/", {"digest": shown[1]}).status_code == 302

    # The worker writes it once, and the agent reads the outcome and its trace.
    run_due(worker="journey")
    assert crm_value(site, "name") == "Umicore NV"
    assert get(f"/action-requests/{pending['id']}/", token=token).json()["status"] == "executed"
    told = [event["type"] for event in get(f"/action-requests/{pending['id']}/trace/", token=token).json()["events"]]
    assert told[:2] == ["request.received", "request.decided"]
    assert told.index("request.voted") < told.index("request.approved") < told.index("request.claimed")
    assert told[-1] == "request.executed"
    check_ledger()

    # The manager takes it back, through the same street, and the ledger holds that too.
    revert = reverse("approvals:revert", args=[pending["id"]])
    assert manager.post(revert, {"reason": "the old name was right"}).status_code == 302
    run_due(worker="journey")
    assert crm_value(site, "name") == "Umicore"
    assert get(f"/action-requests/{pending['id']}/", token=token).json()["status"] == "reverted"
    assert LedgerEvent.objects.filter(subject_id=pending["id"], type="request.reverted").count() == 1
    check_ledger()
