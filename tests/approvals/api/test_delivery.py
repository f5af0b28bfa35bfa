"""The door of delivery reports: integrations alone, one report once, only of what was sent (LIM-04)."""

from typing import Any

import msgspec
import pytest

from approvals.api import answers
from approvals.models import Attempt, DeliveryReport
from approvals.services.claim import claim_request
from approvals.services.second_gate import pass_second_gate
from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.adapters.dnc_files import read_proof
from governance.models import DncEntry
from governance.services.dnc_entries import NewDncEntry, add_dnc_entry
from governance.services.touch_stops import resume_recipient
from tests.builders.api import Site, post
from tests.builders.approvals import get, submit, submit_executed
from tests.builders.frequency import make_cap
from tests.builders.governance import (
    SCOPES,
    allow,
    make_integration,
    make_integration_token,
    make_token,
    make_workspace,
    publish,
)
from tests.builders.outward import call_of, make_contact, make_sending_site

pytestmark = pytest.mark.django_db
SCOPE = "delivery:write"


@pytest.fixture
def site() -> Site:
    return make_sending_site(risk_tier="autonomous")


def make_reporter(site: Site, name: str = "integration.provider", **changes: Any) -> str:
    scopes = changes.pop("scopes", [SCOPE])
    return make_integration_token(make_integration(site.world.workspace, name, scopes=scopes), scope=SCOPE)


def report(token: str, **body: Any) -> Any:
    return post("/reports/delivery/", {"kind": "bounce", **body}, token=token)


def test_a_message_is_named_by_our_id_or_by_its_receipt(site: Site) -> None:
    request = submit_executed(site, **call_of(make_contact(site)))
    receipt = Attempt.objects.get(request=request).result_record_id
    token = make_reporter(site)

    first = report(token, request=str(request.pk))
    again = report(token, connection="embedded", message=receipt)
    other = report(token, connection="embedded", message=receipt, kind="complaint")

    assert [item.status_code for item in (first, again, other)] == [201, 201, 201]
    assert [item.json()["is_replay"] for item in (first, again, other)] == [False, True, False]
    msgspec.convert(first.json(), answers.DeliveryAnswer)
    assert sorted(DeliveryReport.objects.values_list("kind", flat=True)) == ["bounce", "complaint"]
    assert LedgerEvent.objects.filter(type="delivery.reported").count() == 2


def test_the_address_goes_on_the_list_once_with_the_report_as_its_proof(site: Site) -> None:
    """DNC-04: a bounce, a complaint about the same message and a second bounced message to it make one entry."""
    contact = make_contact(site, phone="+1 202 555 0199")
    first, second = (submit_executed(site, **call_of(contact)) for _ in range(2))
    token = make_reporter(site)
    for request, kind in ((first, "bounce"), (first, "complaint"), (second, "bounce")):
        assert report(token, request=str(request.pk), kind=kind).status_code == 201
    entry = DncEntry.objects.get()
    assert (entry.kind, entry.value, entry.source) == ("phone", "+1 202 555 0199", "bounce")
    assert (entry.reason, entry.added_by) == ("What was sent to it bounced", "system:integration.provider")
    proof = read_proof(entry.proof.sha256)
    assert str(first.pk).encode() in proof
    body = bytes(LedgerEvent.objects.get(type="dnc.added").body).decode()
    assert entry.proof.sha256 in body
    refused = submit(site, **call_of(contact))
    assert "dnc_blocked" in [check.code for check in refused.decision.reasons]


def test_who_was_listed_before_gets_no_second_entry(site: Site) -> None:
    """DNC-04: the same number in other writing is the same number."""
    request = submit_executed(site, **call_of(make_contact(site)))
    entry = NewDncEntry(kind="phone", value="+12025550123", reason="asked us", source="console")
    add_dnc_entry(workspace_id=site.world.workspace.pk, entry=entry, actor=Actor("system", "test"), now=get_now())
    assert report(make_reporter(site), request=str(request.pk), kind="complaint").status_code == 201
    assert DncEntry.objects.get().source == "console"


def test_what_was_never_sent_or_is_anothers_is_unknown(site: Site) -> None:
    sent = submit_executed(site, **call_of(make_contact(site)))
    update = submit_executed(site)
    waiting = submit(site, **call_of(make_contact(site)))
    other = make_integration(make_workspace("other"), "integration.other", scopes=[SCOPE])
    elsewhere = make_integration_token(other, scope=SCOPE)
    token = make_reporter(site)

    tries = [
        report(token, request=str(update.pk)),
        report(token, request=str(waiting.request_id)),
        report(token, connection="embedded", message=""),
        report(token),
        report(elsewhere, request=str(sent.pk)),
    ]

    assert [(item.status_code, item.json()["code"]) for item in tries] == [(404, "unknown_message")] * 5
    assert not DeliveryReport.objects.exists()


@pytest.mark.parametrize("scope", [SCOPES, f"{SCOPES} {SCOPE}", SCOPE])
def test_an_agent_never_reports_whatever_its_token_says(site: Site, scope: str) -> None:
    """An agent could trip a breaker for the others, or hide behind its own reports."""
    request = submit_executed(site, **call_of(make_contact(site)))
    answer = report(make_token(site.world.credential, scope=scope), request=str(request.pk))
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
    assert not DeliveryReport.objects.exists()


def test_an_integration_for_something_else_is_refused(site: Site) -> None:
    answer = report(make_reporter(site, scopes=["dnc:write"]), request="0198c0de-0000-7000-8000-000000000000")
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")


@pytest.mark.parametrize("body", [{"kind": "open"}, {"request": "x"}, {"note": "hi"}, {"message": "m" * 121}])
def test_what_cannot_be_read_is_refused(site: Site, body: dict[str, Any]) -> None:
    assert report(make_reporter(site), **body).status_code == 422


def test_a_reply_lists_nobody_and_stops_what_agents_send_until_a_person_resumes(site: Site) -> None:
    """LIM-06: over every address of the person; who is not named in the report is not stopped."""
    make_cap(site.world, max_touches=None, window_hours=0, stops_after=["replied"])
    publish(site.world)
    contact = make_contact(site, phone="+1 202 555 0181")
    other = make_contact(site, phone="+1 202 555 0182", email="jo@other.example")
    request = submit_executed(site, **call_of(contact))
    assert submit(site, **call_of(contact)).status == "approved"

    assert report(make_reporter(site), request=str(request.pk), kind="reply").status_code == 201

    assert not DncEntry.objects.exists()
    denied = submit(site, **call_of(contact))
    assert (denied.status, denied.status_code) == ("denied", "recipient_stopped")
    assert submit(site, **call_of(other)).status == "approved"
    user = site.world.approver_user
    allow(user, site.world.workspace, "review_requests")
    resume_recipient(
        workspace_id=site.world.workspace.pk,
        address="+12025550181",
        reason="she asked for the offer",
        person_id=site.world.approver.pk,
        user_id=user.pk,
        now=get_now(),
    )
    assert submit(site, **call_of(contact)).status == "approved"


def test_a_reply_after_the_claim_still_stops_the_send(site: Site) -> None:
    """LIM-06: what was taken up and has not left does not leave."""
    make_cap(site.world, max_touches=None, window_hours=0, stops_after=["replied"])
    publish(site.world)
    contact = make_contact(site, phone="+1 202 555 0181")
    sent = submit_executed(site, **call_of(contact))
    waiting = submit(site, **call_of(contact)).request_id
    claim = claim_request(request_id=waiting, worker="test")

    report(make_reporter(site), request=str(sent.pk), kind="reply")

    assert not pass_second_gate([claim])
    assert get(waiting).status_code == "recipient_stopped"
