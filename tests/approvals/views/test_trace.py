"""The trace answers the seven questions, and stops the agent for who may (AUD-03, KIL-01)."""

import pytest
from django.urls import reverse

from approvals.models import AgentActionRequest
from audit.selectors.clock import get_now
from audit.services.checkpoint import sign_checkpoint
from audit.services.sequence import sequence_pending
from governance.models import KillSwitch
from tests.builders.api import make_site
from tests.builders.approvals import execute, get, submit, submit_executed, submit_pending, vote
from tests.builders.console import log_in, make_login, text_of
from tests.builders.crm_connectors import make_record
from tests.builders.governance import allow
from tests.doubles.faulty_connector import Fault, FaultySwitchboard, serve_through

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return make_site()


def trace_of(site, request_id, user=None):
    return log_in(user or site.world.approver_user).get(reverse("approvals:trace", args=[request_id]))


def test_the_seven_questions_are_answered(site):
    row = submit_pending(site)
    vote(site, row)
    execute(row.pk)
    page = text_of(trace_of(site, row.pk))
    for expected in (
        "1. Who did it?",
        "owned by Olga Owner",
        "Credential",
        "2. Was it in scope?",
        "update on companies at embedded (sandbox)",
        "3. Which policy decided?",
        "Version 1",
        "4. What is on record?",
        "5. Can it be replayed?",
        "6. How is it stopped?",
        "7. Was anybody contacted?",
        "Not applicable: nothing was sent.",
    ):
        assert expected in page


def test_the_story_is_told_from_the_ledger(site):
    row = submit_pending(site)
    vote(site, row)
    execute(row.pk)
    answer = trace_of(site, row.pk)
    titles = [event.title for event in answer.context["page"].events]
    assert titles[:4] == ["Proposal received", "Decided by policy", "Vote cast", "Approved"]
    assert titles[-1] == "Executed"
    assert "Rosa Revops" in text_of(answer)
    assert row.digest in text_of(answer)  # the vote names the digest that was seen


def test_an_attempt_shows_its_recovery_points_and_what_it_found(site):
    page = trace_of(site, submit_executed(site).pk).context["page"]
    (attempt,) = page.attempts
    assert [name for name, at in attempt.points if at] == ["claimed", "sent", "verified", "recorded"]
    assert attempt.outcomes[0].before.pieces[0].text == "100"
    assert attempt.outcomes[0].after.pieces[0].text == "220"


def test_proof_is_claimed_only_under_a_signed_checkpoint(site):
    row = submit_pending(site)
    before = trace_of(site, row.pk).context["page"]
    assert {event.proof for event in before.events} == {"pending"}
    sequence_pending(now=get_now())
    assert {event.proof for event in trace_of(site, row.pk).context["page"].events} == {"sequenced"}
    sign_checkpoint(now=get_now())
    after = trace_of(site, row.pk).context["page"]
    assert after.proven == len(after.events) > 0


def test_a_denial_says_which_check_denied(site):
    deal = make_record(site.connection_id, "deals", dealname="Pilot", amount=100)
    submission = submit(site, target={"object": "deals", "id": deal}, changes={"amount": 9}, expected=None)
    assert submission.status == "denied"
    page = trace_of(site, submission.request_id).context["page"]
    assert page.subject.decisive_checks[0].outcome == "deny"


def test_the_agent_is_stopped_with_a_reason(site):
    allow(site.world.approver_user, site.world.workspace, "engage_switches")
    row = submit_pending(site)
    client = log_in(site.world.approver_user)
    client.post(reverse("approvals:stop", args=[row.pk]), {"reason": "writes nonsense"})
    switch = KillSwitch.objects.get()
    assert (switch.agent, switch.reason) == (site.world.agent, "writes nonsense")
    page = text_of(trace_of(site, row.pk))
    assert "agent.enrichment is stopped" in page  # in the header of every page
    assert "Stop it now" not in page


def test_what_a_person_asked_for_is_in_no_agents_words(site):
    row = submit_executed(site)
    revert = reverse("approvals:revert", args=[row.pk])
    log_in(site.world.approver_user).post(revert, {"reason": "the source was wrong"})
    page = text_of(trace_of(site, AgentActionRequest.objects.get(reverses=row).pk))
    assert "Why Rosa Revops asked" in page
    assert "Every check of its grant passed" not in page  # a person has a role, no grant
    assert "What the agent says" not in page
    assert "It brought no evidence." not in page
    assert "What the agent says" in text_of(trace_of(site, row.pk))


def test_a_stop_without_a_reason_stops_nothing(site):
    allow(site.world.approver_user, site.world.workspace, "engage_switches")
    row = submit_pending(site)
    answer = log_in(site.world.approver_user).post(
        reverse("approvals:stop", args=[row.pk]), {"reason": " "}, follow=True
    )
    assert not KillSwitch.objects.exists()
    assert "Say why" in text_of(answer)


def test_who_may_not_stop_is_offered_no_button(site):
    viewer = make_login(site.world.workspace, "view_requests")
    page = text_of(trace_of(site, submit_pending(site).pk, viewer))
    assert "Stop it now" not in page


def test_only_what_was_executed_can_be_reverted(site):
    assert "Revert…" not in text_of(trace_of(site, submit_pending(site).pk))
    assert "Revert…" in text_of(trace_of(site, submit_executed(site).pk))


def test_more_events_cost_no_more_queries(site, django_assert_max_num_queries):
    row = submit_pending(site)
    vote(site, row)
    execute(row.pk)
    trace_of(site, row.pk)
    allow(site.world.approver_user, site.world.workspace, "view_ledger")  # who sees its links too
    client = log_in(site.world.approver_user)
    client.get(reverse("approvals:trace", args=[row.pk]))
    with django_assert_max_num_queries(12):
        client.get(reverse("approvals:trace", args=[row.pk]))
    waiting = submit_pending(site, changes={"name": "Umicore plc"})
    with django_assert_max_num_queries(12):
        client.get(reverse("approvals:trace", args=[waiting.pk]))


def test_a_decision_is_made_again_and_compared(site):
    """RPL-02: the page says what it has just recomputed, and notices a decision that was altered."""
    row = submit_pending(site)
    assert "decided again just now from the facts on record, with the same answer" in text_of(trace_of(site, row.pk))
    denied = submit(site, changes={"industry": "Gardening"}, expected=None).request_id
    assert "with the same answer" in text_of(trace_of(site, denied))
    altered = get(row.pk).decision | {"outcome": "allow"}
    AgentActionRequest.objects.filter(pk=row.pk).update(decision=altered)
    assert "the answer differs from the one on record" in text_of(trace_of(site, row.pk))


@pytest.mark.parametrize(("outcome", "status"), [("applied", "executed"), ("not_applied", "failed")])
def test_a_person_settles_what_no_machine_can(site, monkeypatch, outcome, status):
    """EXE-03: an unknown outcome waits on its trace for a person's word, with a reason."""
    board = FaultySwitchboard()
    serve_through(monkeypatch, board.wrap)
    request_id = submit(site, changes={"country": "Belgium", "numberofemployees": 5}, expected=None).request_id
    board.plan("send", Fault.IGNORE_FIELD)
    assert execute(request_id) == "unknown"
    assert "What became of it?" in text_of(trace_of(site, request_id))
    address = reverse("approvals:settle", args=[request_id])
    client = log_in(site.world.approver_user)
    assert "why" in text_of(client.post(address, {"outcome": outcome, "reason": " "}, follow=True))
    assert get(request_id).status == "unknown"
    answer = client.post(address, {"outcome": outcome, "reason": "I looked at the record"}, follow=True)
    assert "Settled" in text_of(answer)
    assert get(request_id).status == status
    assert "What became of it?" not in text_of(answer)
