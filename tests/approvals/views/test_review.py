"""The review page: what it shows, and what a decision on it does (APR-03, APR-04)."""

import pytest
from django.urls import reverse

from approvals.models import AgentActionRequest, Vote
from audit.selectors.clock import get_now
from crm_connectors.services.embedded_edit import edit_record
from governance.models import Membership, WritePath
from tests.builders.api import make_site
from tests.builders.approvals import get, make_approver, submit, submit_pending, vote
from tests.builders.console import log_in, make_login, text_of
from tests.builders.crm_connectors import make_record
from tests.builders.governance import allow, make_switch, make_user
from tests.builders.outward import email_to, make_contact, make_sending_site

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site():
    return make_site()


def page_of(site, row, user=None):
    return text_of(log_in(user or site.world.approver_user).get(reverse("approvals:review", args=[row.pk])))


def post(site, row, name, user=None, **data):
    client = log_in(user or site.world.approver_user)
    return client.post(reverse(f"approvals:{name}", args=[row.pk]), {"digest": row.digest, **data})


def test_no_browser_keeps_the_page(site):
    """SEC-01: what a shared machine would show the next person."""
    client = log_in(site.world.approver_user)
    answer = client.get(reverse("approvals:review", args=[submit_pending(site).pk]))
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_page_shows_the_change_the_words_and_the_checks(site):
    page = page_of(site, submit_pending(site))
    for expected in (
        "Set Name on Company",
        "Umicore NV",
        "What the agent says",
        "not verified",
        "the register names 220 employees",
        'href="https://register.example/umicore" rel="noopener noreferrer nofollow"',
        "register.example",
        "91 %",
        "level_approval",
        "Rosa Revops",
        "expires in",
    ):
        assert expected in page


def test_only_changed_fields_are_shown(site):
    page = page_of(site, submit_pending(site))
    assert page.count("cs-diff-field") == 1


def test_a_redirect_is_explained(site):
    """REG-05: the reviewer reads where the value goes, and what was asked for."""
    deal = make_record(site.connection_id, "deals", dealname="Pilot", next_step="Call")
    submission = submit(
        site, target={"object": "deals", "id": deal}, changes={"next_step": "Send the offer"}, expected=None
    )
    page = page_of(site, AgentActionRequest.objects.get(pk=submission.request_id))
    assert "Agent suggested next step" in page
    assert "Asked for <strong>Next step</strong>, which agents never write" in page


def test_a_record_that_drifted_is_shown_as_it_is_now(site):
    row = submit_pending(site)
    edit_record(
        connection_id=site.connection_id,
        object_type="companies",
        record_id=site.company,
        values={"name": "Umicore, renamed by hand"},
        actor="human:jan",
        now=get_now(),
    )
    page = page_of(site, row)
    assert "Umicore, renamed by hand" in page
    assert "The record has changed since" in page


def test_a_long_value_is_there_in_full(site):
    row = submit_pending(site)
    AgentActionRequest.objects.filter(pk=row.pk).update(
        patch=[{"field": "name", "before": "a", "after": "y" * 4_000 + "END"}]
    )
    page = page_of(site, row)
    assert "show all 4003 characters" in page
    assert "yyyEND" in page


def test_approving_decides_and_opens_the_next_one(site):
    first, second = submit_pending(site), submit_pending(site, correlation_id="run-2")
    answer = post(site, first, "approve")
    assert answer["Location"] == reverse("approvals:review", args=[second.pk])
    first.refresh_from_db()
    assert first.status == "approved"
    assert Vote.objects.get(request=first).digest == first.digest


def test_after_the_last_one_the_inbox_is_empty(site):
    answer = post(site, submit_pending(site), "approve")
    assert answer["Location"] == reverse("approvals:inbox")


def test_the_next_one_keeps_the_filters(site):
    first, second = submit_pending(site), submit_pending(site, correlation_id="run-2")
    client = log_in(site.world.approver_user)
    address = reverse("approvals:approve", args=[first.pk]) + "?object=companies"
    answer = client.post(address, {"digest": first.digest})
    assert answer["Location"] == reverse("approvals:review", args=[second.pk]) + "?object=companies"


def test_denying_keeps_the_reason(site):
    row = submit_pending(site)
    post(site, row, "deny", preset="weak_evidence", note="page is from 2009")
    row.refresh_from_db()
    assert row.status == "denied"
    assert Vote.objects.get(request=row).reason == "The evidence does not support it: page is from 2009"


def test_a_denial_without_a_reason_decides_nothing(site):
    row = submit_pending(site)
    answer = post(site, row, "deny", preset="", note="  ")
    assert answer.status_code == 400
    assert "Say why" in text_of(answer)
    row.refresh_from_db()
    assert row.status == "pending"


def test_another_digest_than_the_one_seen_counts_for_nothing(site):
    row = submit_pending(site)
    answer = post(site, row, "approve", digest="sha256:" + "0" * 64)
    assert answer.status_code == 409
    assert "not the one that you saw" in text_of(answer)
    assert not Vote.objects.exists()


def test_the_digest_of_another_request_counts_for_nothing(site):
    row, other = submit_pending(site), submit_pending(site, correlation_id="run-2")
    assert post(site, row, "approve", digest=other.digest).status_code == 409
    assert not Vote.objects.exists()


def test_a_double_submit_counts_once(site):
    row = submit_pending(site)
    assert post(site, row, "approve").status_code == 302
    assert post(site, row, "approve").status_code == 302
    assert Vote.objects.filter(request=row).count() == 1


def test_who_comes_too_late_reads_who_decided(site):
    row = submit_pending(site)
    _, late = make_approver(site, "Lena Late")
    vote(site, row, verdict="deny", reason="no")
    answer = post(site, row, "approve", user=late)
    assert answer.status_code == 409
    assert "came too late" in text_of(answer)
    assert "Rosa Revops" in text_of(answer)


def test_an_expired_one_cannot_be_approved(site):
    row = submit_pending(site)
    AgentActionRequest.objects.filter(pk=row.pk).update(expires_at=row.created_at)
    assert "expired before anybody decided" in page_of(site, row)
    answer = post(site, row, "approve")
    assert answer.status_code == 410
    assert "Nothing was changed" in text_of(answer)


def test_the_owner_of_the_agent_cannot_decide(site):
    """Nobody approves their own agent, even as a member of the group."""
    row = submit_pending(site)
    owner = make_user(site.world.owner)
    Membership.objects.create(group=site.world.group, person=site.world.owner)
    allow(owner, site.world.workspace, "view_requests", "review_requests")
    assert "You own this agent" in page_of(site, row, owner)
    answer = post(site, row, "approve", user=owner)
    assert answer.status_code == 403


def test_who_is_in_no_group_reads_who_can_decide(site):
    row = submit_pending(site)
    reviewer = make_login(site.world.workspace, "view_requests", "review_requests")
    assert "Only Revops can decide this." in page_of(site, row, reviewer)
    assert post(site, row, "approve", user=reviewer).status_code == 403


def test_a_login_of_nobody_cannot_vote(site):
    row = submit_pending(site)
    nobody = make_user(username="robot@example.com")
    allow(nobody, site.world.workspace, "view_requests", "review_requests")
    assert "belongs to no person" in page_of(site, row, nobody)
    assert post(site, row, "approve", user=nobody).status_code == 403
    row.refresh_from_db()
    assert row.status == "pending"


def test_the_page_costs_the_same_with_many_votes_and_checks(site, django_assert_max_num_queries):
    row = submit_pending(site)
    client = log_in(site.world.approver_user)
    client.get(reverse("approvals:review", args=[row.pk]))
    with django_assert_max_num_queries(11):
        client.get(reverse("approvals:review", args=[row.pk]))


def test_a_message_is_shown_as_the_message_that_leaves():
    """APR-03: whom it reaches, then its whole text; no rows of a diff with nothing before."""
    site = make_sending_site()
    text = "Dear Jane,\n" + "a long line\n" * 60 + "the last word"
    submission = submit(site, **email_to(make_contact(site), body=text, cc=["boss@acme.example"]))
    page = page_of(site, get(submission.request_id))
    assert "What would leave" in page
    assert page.index("jane@acme.example", page.index("cs-message-head")) < page.index("Your question</bdi>")
    assert "boss@acme.example" in page
    assert "the last word" in page
    assert "show all" not in page
    assert "cs-diff-before" not in page


def test_a_refused_message_is_shown_as_it_was_asked_for():
    site = make_sending_site()
    make_switch(site.world.workspace, "send")
    submission = submit(site, **email_to(make_contact(site)))
    assert submission.status == "denied"
    assert "Here is the answer." in page_of(site, get(submission.request_id))


def test_what_a_change_would_set_off_is_told_field_by_field(site):
    """REG-10, APR-03: the paths that read a changed field, and what those set off in turn; calm when there are none."""
    row = submit_pending(site)
    address = reverse("approvals:review", args=[row.pk])
    client = log_in(site.world.approver_user)
    assert "It sets off nothing else that the inventory knows of." in text_of(client.get(address))
    paths = [("Rename everywhere", ["companies.name"], ["companies.country"]), ("Route it", ["companies.country"], [])]
    for name, triggers, changes in paths:
        WritePath.objects.create(
            connection=site.world.connection, name=name, kind="stage_automation", triggers=triggers, changes=changes
        )
    WritePath.objects.create(
        connection=site.world.connection, name="Sleeps", kind="workflow", triggers=["companies.name"], is_active=False
    )
    for page in (client.get(address), client.get(reverse("approvals:trace", args=[row.pk]))):
        text = text_of(page)
        assert text.index("Rename everywhere") < text.index("Route it")
        assert "stage automation" in text
        assert "Sleeps" not in text
