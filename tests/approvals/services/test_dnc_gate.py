"""The do-not-contact list around a send: asked before judging, and again in the moment that it begins (DNC-01/05)."""

import threading
import time

import msgspec
import pytest
from django.db import connection, transaction

from approvals.services import dnc
from approvals.services.world import SOURCES, Asked, with_worlds
from audit.selectors.clock import get_now
from governance.domain.facts import DncFacts, Facts, RecipientFacts
from governance.domain.index import PolicyIndex
from governance.selectors.dnc_secret import forget_dnc_keys
from tests.builders.api import make_site
from tests.builders.approvals import get, submit
from tests.builders.dnc import OTHER_KEY, list_entry

JANE = RecipientFacts(kind="email", address="jane@example.com")


def make_send(site, *recipients):
    """An allowed request, as if it were to send to these people; not saved."""
    request = get(submit(site).request_id)
    facts = msgspec.structs.replace(msgspec.convert(request.facts, Facts), recipients=recipients)
    request.action, request.facts = "send_email", msgspec.to_builtins(facts)
    return request


def asked(request):
    facts = msgspec.convert(request.facts, Facts)
    sending = msgspec.structs.replace(facts, request=msgspec.structs.replace(facts.request, action=request.action))
    return Asked(
        facts=sending,
        index=PolicyIndex.__new__(PolicyIndex),
        workspace_id=request.workspace_id,
        agent_id=request.agent_id,
        request_id=request.pk,
    )


def gate(request):
    with transaction.atomic():
        return dnc.recheck_dnc(request, now=get_now())


@pytest.mark.django_db
class TestTheFact:
    def test_every_send_is_asked_about_and_nothing_else(self):
        """DNC-01."""
        request = make_send(make_site(), JANE)
        list_entry(request.workspace, "jane@example.com")
        (facts,) = with_worlds([asked(request)], now=get_now())
        assert [hit.kind for hit in facts.dnc.hits] == ["email"]
        request.action = "update"
        (facts,) = with_worlds([asked(request)], now=get_now())
        assert facts.dnc is None
        assert "dnc" in {source.fact for source in SOURCES}

    def test_a_list_that_cannot_be_asked_is_no_answer(self, settings):
        """Case 57: no list, no send."""
        request = make_send(make_site(), JANE)
        list_entry(request.workspace, "joe@example.com")
        settings.DNC_KEY = OTHER_KEY
        forget_dnc_keys()
        (facts,) = with_worlds([asked(request)], now=get_now())
        assert facts.dnc is None
        assert gate(request) == ("check_failed", [])

    def test_the_gate_lets_pass_whom_nobody_listed_and_writes_alone(self):
        request = make_send(make_site(), JANE)
        assert gate(request) == ("", [])
        list_entry(request.workspace, "jane@example.com")
        request.action = "update"
        assert gate(request) == ("", [])

    def test_an_entry_after_the_approval_stops_the_send_and_its_page_tells_so(self):
        """DNC-05: F24."""
        request = make_send(make_site(), JANE, RecipientFacts(kind="email", address="cc@example.com"))
        entry = list_entry(request.workspace, "CC+x@example.com")
        code, (event,) = gate(request)
        assert code == "dnc_blocked"
        assert (event.type, event.subject.id) == ("dnc.enforced", str(entry))
        assert event.data == {"action": "send_email", "kind": "email", "point": "send", "request": str(request.pk)}

    def test_a_denial_is_told_once_for_each_entry(self):
        request = make_send(make_site(), JANE)
        facts = msgspec.convert(request.facts, Facts)
        assert dnc.dnc_events(request, facts, point="decision") == []
        clear = msgspec.structs.replace(facts, dnc=DncFacts(asked=1))
        assert dnc.dnc_events(request, clear, point="decision") == []


@pytest.mark.django_db(transaction=True)
def test_the_gate_wants_the_transaction_that_says_sent():
    request = make_send(make_site(), JANE)
    with pytest.raises(transaction.TransactionManagementError):
        dnc.recheck_dnc(request, now=get_now())


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_entry_is_never_committed_between_the_look_and_the_beginning_of_a_send():
    """Invariant 4: the entry waits until the send has begun, and the next one sees it."""
    request = make_send(make_site(), JANE)
    workspace, committed = request.workspace, []

    def add():
        list_entry(workspace, "jane@example.com")
        committed.append(time.monotonic())
        connection.close()

    thread = threading.Thread(target=add)
    with transaction.atomic():
        assert dnc.recheck_dnc(request, now=get_now()) == ("", [])
        thread.start()
        time.sleep(0.5)
        begun = time.monotonic()
        assert committed == []
    thread.join()
    assert committed[0] >= begun
    assert gate(request)[0] == "dnc_blocked"
