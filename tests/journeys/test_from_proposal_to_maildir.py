"""A message's way out over HTTP: proposed, approved, held in its window, sent or kept back; an enrolment taken back."""

import re
import time
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
from crm_connectors.models import CrmRecord
from governance.services.credentials import issue_credential
from tests.builders.api import Site, get, make_body, post
from tests.builders.console import text_of
from tests.builders.governance import PASSWORD, allow
from tests.builders.outward import (
    email_to,
    enrolment_of,
    mail_of,
    make_contact,
    make_sending_site,
    make_sequence,
    set_hold,
)

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_SECONDS = 60


class Journey:
    """One agent with its token, one reviewer with a session."""

    def __init__(self) -> None:
        self.site: Site = make_sending_site()
        issued = issue_credential(agent_id=self.site.world.agent.pk, actor=Actor("human", "rosa"), now=get_now())
        form = {
            "grant_type": "client_credentials",
            "client_id": issued.client_id,
            "client_secret": issued.client_secret,
        }
        self.token = str(Client().post("/oauth/token/", form).json()["access_token"])
        self.person = Client()
        self.person.post("/admin/login/", {"username": self.site.world.approver_user.username, "password": PASSWORD})

    def propose(self, **changes: Any) -> str:
        answer = post("/action-requests/", make_body(self.site, **changes), token=self.token).json()
        assert answer["status"] == "pending", answer
        return str(answer["id"])

    def status(self, request_id: str) -> str:
        return str(get(f"/action-requests/{request_id}/", token=self.token).json()["status"])

    def approve(self, request_id: str) -> str:
        """Approve what the review page shows, and return the page."""
        address = reverse("approvals:review", args=[request_id])
        page = text_of(self.person.get(address))
        shown = re.search(r'name="digest" value="([^"]+)"', page)
        assert shown is not None
        assert self.person.post(f"{address}approve/", {"digest": shown[1]}).status_code == 302
        return page

    def run_until(self, request_id: str, status: str) -> None:
        late = time.monotonic() + PATIENCE_SECONDS
        while self.status(request_id) != status and time.monotonic() < late:
            run_due(worker="journey")
            time.sleep(0.2)
        assert self.status(request_id) == status

    def events(self, request_id: str) -> list[str]:
        rows = LedgerEvent.objects.filter(subject_id=request_id).order_by("id")
        return list(rows.values_list("type", flat=True))

    def check_ledger(self) -> None:
        while sequence_pending(now=get_now()):
            pass
        report = verify_ledger()
        assert report.is_ok, report


@pytest.fixture
def journey() -> Journey:
    return Journey()


def test_an_approved_message_leaves_when_its_window_ends(journey: Journey) -> None:
    """APR-14, APR-11."""
    set_hold(journey.site, "send_email", 2)
    request_id = journey.propose(**email_to(make_contact(journey.site)))
    page = journey.approve(request_id)
    assert "jane@acme.example" in page
    assert "Here is the answer." in page
    journey.run_until(request_id, "executed")
    told = journey.events(request_id)
    wanted = ["request.approved", "request.held", "request.window_passed", "request.sent", "request.executed"]
    assert [name for name in told if name in wanted] == wanted
    assert "Here is the answer." in (mail_of(journey.site, request_id) or "")
    journey.check_ledger()


def test_a_click_in_the_window_keeps_the_message_back(journey: Journey) -> None:
    """APR-14."""
    set_hold(journey.site, "send_email", 600)
    request_id = journey.propose(**email_to(make_contact(journey.site)))
    journey.approve(request_id)
    journey.run_until(request_id, "held")
    trace = reverse("approvals:trace", args=[request_id])
    assert "Do not send it" in text_of(journey.person.get(trace))
    assert journey.person.post(reverse("approvals:cancel", args=[request_id])).status_code == 302
    run_due(worker="journey")
    assert journey.status(request_id) == "cancelled"
    assert "Do not send it" not in text_of(journey.person.get(trace))
    assert mail_of(journey.site, request_id) is None
    assert "request.sent" not in journey.events(request_id)
    journey.check_ledger()


@pytest.mark.parametrize("where", ["trace", "console"])
def test_every_stop_keeps_held_messages_back_at_once(journey: Journey, where: str) -> None:
    """KIL-02: no sweep runs between the click and the look."""
    world = journey.site.world
    allow(world.approver_user, world.workspace, "engage_switches", "view_requests", "edit_policy")
    set_hold(journey.site, "send_email", 600)
    request_id = journey.propose(**email_to(make_contact(journey.site)))
    journey.approve(request_id)
    journey.run_until(request_id, "held")
    if where == "trace":
        answer = journey.person.post(reverse("approvals:stop", args=[request_id]), {"reason": "wrong list"})
    else:
        form = {"workspace": str(world.workspace.pk), "kind": "send", "agent": "", "reason": "wrong list"}
        answer = journey.person.post("/admin/governance/killswitch/add/", form)
    assert answer.status_code == 302, text_of(answer)
    assert journey.status(request_id) == "cancelled"
    assert mail_of(journey.site, request_id) is None


def test_an_enrolment_taken_back_unenrols(journey: Journey) -> None:
    """RVT-05."""
    request_id = journey.propose(**enrolment_of(make_contact(journey.site), make_sequence(journey.site)))
    journey.approve(request_id)
    journey.run_until(request_id, "executed")
    enrolment = CrmRecord.objects.get(crm_object__name="sequence_enrolments")
    assert enrolment.values["status"] == "active"
    revert = reverse("approvals:revert", args=[request_id])
    assert journey.person.post(revert, {"reason": "asked to be left alone"}).status_code == 302
    journey.run_until(request_id, "reverted")
    enrolment.refresh_from_db()
    assert enrolment.archived_at is not None
    journey.check_ledger()
