"""Deciding together in the browser: asked first, told of each, refused to whom it is not given (APR-06, IDN-07)."""

import pytest
from django.test import Client
from django.urls import reverse

from approvals.domain.proposal_parsing import parse_proposal
from approvals.models import AgentActionRequest, BatchDecision, RequestBatch, Vote
from approvals.services.batch import submit_batch
from audit.selectors.clock import get_now
from tests.builders.api import make_body, make_site
from tests.builders.approvals import get, make_approver, make_principal, submit_pending, vote
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.crm_connectors import make_record

pytestmark = pytest.mark.django_db

CONFIRM, DECIDE = reverse("approvals:batch_confirm"), reverse("approvals:batch_decide")


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def rows(site):
    return [submit_pending(site, correlation_id=f"run-{number}") for number in range(3)]


def item(row):
    return f"{row.pk}:{row.digest}"


def ask(site, rows, **more):
    return log_in(site.world.approver_user).post(CONFIRM, {"item": [item(row) for row in rows], **more})


def decide(client, rows, **more):
    sent = {"item": [item(row) for row in rows], "verdict": "approve", "key": "k1", **more}
    return client.post(DECIDE, sent, follow=True)


def test_the_question_decides_nothing_and_says_how_many(site, rows):
    page = text_of(ask(site, rows))
    assert "Approve 3 requests?" in page
    assert not Vote.objects.exists()
    assert not BatchDecision.objects.exists()


def test_the_question_leaves_out_what_changed_meanwhile(site, rows):
    AgentActionRequest.objects.filter(pk=rows[0].pk).update(digest="sha256:" + "0" * 64)
    second, user = make_approver(site, "Bo Second")
    vote(site, rows[1], person=second, user=user, verdict="deny", reason="no")
    page = text_of(ask(site, rows))
    for expected in ("Approve 1 request?", "Left out: 2", "altered since the list was shown", "denied already"):
        assert expected in page


def test_one_that_is_unticked_is_on_record_as_taken_out(site, rows):
    client = log_in(site.world.approver_user)
    answer = decide(client, rows[:2], shown=[item(row) for row in rows])
    page = text_of(answer)
    assert "2 of 3" not in page
    for expected in ("2 of 2 approved by you", "1 taken out by you beforehand", "Set Name on Company"):
        assert expected in page
    assert get(rows[2].pk).status == "pending"


def test_the_report_tells_each_and_who_was_first(site, rows):
    second, user = make_approver(site, "Bo Second")
    vote(site, rows[0], person=second, user=user)
    page = text_of(decide(log_in(site.world.approver_user), rows))
    assert "2 of 3 approved by you" in page
    assert "it was decided already by Bo Second" in page


def test_sending_it_twice_leads_to_the_same_report(site, rows):
    client = log_in(site.world.approver_user)
    first, again = decide(client, rows), decide(client, rows)
    assert first.redirect_chain == again.redirect_chain
    assert Vote.objects.count() == 3


def test_denying_asks_why(site, rows):
    client = log_in(site.world.approver_user)
    assert "say why" in text_of(decide(client, rows, verdict="deny"))
    assert not Vote.objects.exists()
    assert "3 of 3 denied by you" in text_of(decide(client, rows, verdict="deny", preset="wrong_value", note="all"))
    assert set(Vote.objects.values_list("reason", flat=True)) == {"The value is wrong: all"}


@pytest.mark.parametrize(
    "items", [[], ["x"], ["not-an-id:sha256:0"], ["\x00"], ["0198f000-0000-7000-8000-000000000000"] * 2]
)
def test_what_is_no_selection_is_refused_in_words(site, items):
    client = log_in(site.world.approver_user)
    for address in (CONFIRM, DECIDE):
        answer = client.post(address, {"item": items, "verdict": "approve", "key": "\x00"}, follow=True)
        assert answer.status_code == 200
    assert not Vote.objects.exists()


def test_more_than_fifty_are_refused(site, rows):
    many = [f"0198f000-0000-7000-8000-{number:012x}:{rows[0].digest}" for number in range(51)]
    for address in (CONFIRM, DECIDE):
        sent = {"item": many, "verdict": "approve", "key": "k"}
        assert "at most 50" in text_of(log_in(site.world.approver_user).post(address, sent, follow=True))
    assert not BatchDecision.objects.exists()


def test_filters_stay_on_and_nothing_else_comes_through_them(site, rows):
    client = log_in(site.world.approver_user)
    page = text_of(decide(client, rows[:1], back="object=companies&next=//evil.example"))
    assert "/review/?object=companies" in page
    assert "evil" not in page


def test_wrong_role_wrong_workspace_and_no_login_decide_nothing(site, rows):
    """IDN-07."""
    sent = {"item": [item(row) for row in rows], "verdict": "approve", "key": "k"}
    reader = make_login(site.world.workspace, "view_requests", "revert_requests")
    stranger = make_site("globex", agent_name="agent.other").world.approver_user
    for address in (CONFIRM, DECIDE):
        assert Client().post(address, sent).status_code == 302
        assert log_in(reader).post(address, sent).status_code == 403
        assert log_in(stranger).post(address, {**sent, "workspace": "acme"}).status_code == 404
        assert log_in(site.world.approver_user).get(address).status_code == 405
    assert "0 of 3" in text_of(log_in(stranger).post(DECIDE, sent, follow=True))
    assert not Vote.objects.exists()


def test_a_form_from_elsewhere_decides_nothing(site, rows):
    client = Client(enforce_csrf_checks=True)
    client.force_login(site.world.approver_user, backend="config.model_permissions.ModelPermissionsBackend")
    assert client.post(DECIDE, {"item": [item(row) for row in rows], "verdict": "approve"}).status_code == 403
    assert not Vote.objects.exists()


def test_reports_are_read_in_their_workspace_alone_and_go_on_for_their_person_alone(site, rows):
    decide(log_in(site.world.approver_user), rows)
    decision = BatchDecision.objects.get()
    report = reverse("approvals:batch_report", args=[decision.pk])
    go_on = reverse("approvals:batch_continue", args=[decision.pk])
    stranger = make_site("globex", agent_name="agent.other").world.approver_user
    _, colleague = make_approver(site, "Bo Second")
    stopper = make_login(site.world.workspace, "engage_switches", name="Sam Stopper")
    assert log_in(stranger).get(report).status_code == 404
    assert log_in(stopper).get(report).status_code == 403
    assert "approved by Rosa Revops" in text_of(log_in(colleague).get(report))
    assert [log_in(who).post(go_on).status_code for who in (stranger, stopper, colleague)] == [404, 403, 404]
    assert log_in(site.world.approver_user).post(go_on).status_code == 302
    assert Vote.objects.count() == 3


def test_what_broke_off_says_so_and_goes_on(site, rows):
    client = log_in(site.world.approver_user)
    decide(client, rows)
    BatchDecision.objects.update(outcomes=[{"outcome": "expired"}], finished_at=None)
    decision = BatchDecision.objects.get()
    assert "2 were not gone through" in text_of(client.get(reverse("approvals:batch_report", args=[decision.pk])))
    client.post(reverse("approvals:batch_continue", args=[decision.pk]))
    decision.refresh_from_db()
    assert [told["outcome"] for told in decision.outcomes] == ["expired", "voted_before", "voted_before"]


def propose_batch(site, names):
    proposals = [
        parse_proposal(
            make_body(
                target={
                    "object": "companies",
                    "id": make_record(site.world.connection.pk, "companies", name=f"{name} AG"),
                },
                changes=changes,
                expected=None,
            )
        )
        for name, changes in names
    ]
    submit_batch(principal=make_principal(site.world), proposals=tuple(proposals), idempotency_key="b1", now=get_now())
    return RequestBatch.objects.get()


def test_a_batch_of_an_agent_shows_what_differs_and_what_waits(site):
    """APR-06: `partial` when its items differ; only what waits has a box."""
    batch = propose_batch(site, [("One", {"name": "One"}), ("Two", {"name": "Two"}), ("Three", {"country": "BE"})])
    address = reverse("approvals:agent_batch", args=[batch.pk])
    page = text_of(log_in(site.world.approver_user).get(address))
    for expected in ("A batch of 3 from agent.enrichment", "partial: its items differ", "2 pending", "1 approved"):
        assert expected in page
    assert page.count("data-pick>") == 2
    stranger = make_site("globex", agent_name="agent.other").world.approver_user
    assert log_in(stranger).get(address).status_code == 404
    stopper = make_login(site.world.workspace, "engage_switches")
    assert log_in(stopper).get(address).status_code == 403
    assert log_in(stopper).get(reverse("approvals:agent_batch", args=[site.world.agent.pk])).status_code == 404


def test_hostile_text_is_inert_on_every_page(site):
    hostile = "<img src=x onerror=alert(1)>\u202e<script>alert(1)</script>"
    row = submit_pending(site)
    AgentActionRequest.objects.filter(pk=row.pk).update(
        patch=[{"field": "name", "before": "Umicore", "after": hostile}]
    )
    client = log_in(site.world.approver_user)
    asked = ask(site, [row])
    told = decide(client, [row], verdict="deny", note=hostile)
    assert find_acting_nodes(asked.content) == []
    assert find_acting_nodes(told.content) == []
