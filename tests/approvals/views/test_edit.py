"""Edit and approve in the browser: who may, what a refusal shows, and that it changes nothing (APR-12)."""

import pytest
from django.urls import reverse

from approvals.models import Correction, Vote
from approvals.services.correction import seen_digest
from governance.models import ActionTier, Membership
from tests.builders.api import make_site
from tests.builders.approvals import correct, get, make_approver, submit, submit_pending, vote
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.governance import allow, make_user, publish
from tests.builders.outward import email_to, make_contact, make_sending_site

pytestmark = pytest.mark.django_db(transaction=True)

HOSTILE = '"><img src=x onerror=alert(1)></textarea></script><script>alert(1)</script>'


@pytest.fixture
def site():
    return make_site()


def page_of(site, row, user=None):
    return text_of(log_in(user or site.world.approver_user).get(reverse("approvals:review", args=[row.pk])))


def send(site, row, user=None, **form):
    client = log_in(user or site.world.approver_user)
    seen = {f"seen.{item['field']}": seen_digest(item["before"]) for item in row.patch}
    return client.post(reverse("approvals:edit", args=[row.pk]), {"digest": row.digest, **seen, **form})


def test_the_form_holds_each_value_in_the_control_of_its_field(site):
    changes = {"name": "Umicore NV", "industry": "Retail", "numberofemployees": 220}
    page = page_of(site, submit_pending(site, changes=changes))
    assert '<input id="cs-edit-2" name="value.name" type="text" value="Umicore NV"' in page
    assert "<option selected>Retail</option>" in page
    assert 'name="value.numberofemployees" type="number" value="220"' in page
    assert page.count("Leave this field as it is") == 3


def test_a_long_value_is_seen_whole(site):
    """One line of a text field is not enough for two hundred characters; approved as it came, it is as it came."""
    row = submit_pending(site, changes={"name": "Umicore " * 20})
    assert '<textarea id="cs-edit-1" name="value.name" rows="3"' in page_of(site, row)


def test_one_field_alone_cannot_be_left_out(site):
    assert "Leave this field as it is" not in page_of(site, submit_pending(site))


def test_a_correction_approves_and_goes_on_to_the_next(site):
    row, following = submit_pending(site), submit_pending(site, correlation_id="run-2")
    answer = send(site, row, **{"value.name": "Umicore SA", "reason": "its legal name"})
    assert (answer.status_code, answer.url) == (302, reverse("approvals:review", args=[following.pk]))
    assert (get(row.pk).status, get(row.pk).patch[0]["after"]) == ("approved", "Umicore SA")
    assert Vote.objects.get().reason == "its legal name"


def test_pages_show_what_the_agent_had_proposed(site):
    row = submit_pending(site)
    send(site, row, **{"value.name": "Umicore SA", "reason": "its legal name"})
    client = log_in(site.world.approver_user)
    for name in ("review", "trace"):
        page = text_of(client.get(reverse(f"approvals:{name}", args=[row.pk])))
        assert "Corrected by Rosa Revops" in page
        assert "the agent proposed" in page
        assert "Umicore NV" in page
        assert "Umicore SA" in page
        assert "its legal name" in page
    assert "Corrected by a reviewer" in page


def test_a_refused_value_stays_in_the_form_with_its_reason(site):
    row = submit_pending(site, changes={"name": "Umicore NV", "numberofemployees": 220})
    answer = send(site, row, **{"value.name": "Umicore SA", "value.numberofemployees": "many", "reason": "why"})
    page = text_of(answer)
    assert answer.status_code == 422
    assert "Type a plain number." in page
    assert 'value="Umicore SA"' in page
    assert "data-edit open" in page
    assert get(row.pk).digest == row.digest


def test_what_policy_refuses_is_said_in_its_words(site):
    row = submit_pending(site, changes={"name": "Umicore NV", "country": "BE"})
    answer = send(site, row, **{"value.country": "x" * 41})
    assert answer.status_code == 422
    assert "takes at most 40 characters" in text_of(answer)
    assert not Vote.objects.exists()


def test_a_double_submit_is_one_correction(site):
    row = submit_pending(site)
    assert send(site, row, **{"value.name": "Umicore SA"}).status_code == 302
    again = send(site, row, **{"value.name": "Umicore SA"})
    assert again.status_code == 409
    assert "came too late" in text_of(again)
    assert (Correction.objects.count(), Vote.objects.count()) == (1, 1)


def test_a_stale_page_is_told_so(site):
    row = submit_pending(site)
    make_approver(site, "Bo Second")
    answer = send(site, row, **{"digest": "sha256:" + "0" * 64, "value.name": "x"})
    assert answer.status_code == 409
    assert "not the one that you saw" in text_of(answer)


def test_who_comes_after_a_correction_reads_the_new_values(site):
    """A vote on the page of before counts for nothing."""

    ActionTier.objects.filter(workspace=site.world.workspace, action="update").update(approvals_needed=2)
    _, late = make_approver(site, "Lena Late")
    publish(site.world)
    row = submit_pending(site)
    correct(site, row, name="Umicore SA")
    answer = log_in(late).post(reverse("approvals:approve", args=[row.pk]), {"digest": row.digest})
    assert answer.status_code == 409
    assert "Umicore SA" in text_of(answer)
    assert get(row.pk).status == "pending"


def test_only_reviewers_of_this_workspace_edit(site):
    """IDN-07: the wrong role is refused, the wrong workspace knows nothing of it."""
    row = submit_pending(site)
    other = make_site("globex", agent_name="agent.other")
    form = {"value.name": "Umicore SA"}
    for user, status in (
        (make_login(site.world.workspace, "view_requests"), 403),
        (make_login(site.world.workspace, "engage_switches", name="Stan Stopper"), 403),
        (make_login(None, name="Nora Nobody"), 404),
        (other.world.approver_user, 404),
        (make_login(site.world.workspace, "view_requests", "review_requests", name="Ria Reviewer"), 403),
    ):
        assert send(site, row, user=user, **form).status_code == status, user
    assert get(row.pk).digest == row.digest
    anonymous = log_in(site.world.approver_user)
    anonymous.logout()
    assert anonymous.post(reverse("approvals:edit", args=[row.pk]), form).status_code == 302
    assert anonymous.get(reverse("approvals:edit", args=[row.pk])).status_code == 405


def test_the_owner_cannot_edit_what_their_agent_asked_for(site):

    row = submit_pending(site)
    owner = make_user(site.world.owner)
    Membership.objects.create(group=site.world.group, person=site.world.owner)
    allow(owner, site.world.workspace, "view_requests", "review_requests")
    assert send(site, row, user=owner, **{"value.name": "Mine"}).status_code == 403
    assert "data-edit" not in page_of(site, row, owner)


def test_what_is_settled_has_no_form(site):
    row = submit_pending(site)
    vote(site, row)
    assert "data-edit" not in page_of(site, row)


def test_hostile_text_stays_text():
    """SEC: in a proposal, in what was typed, and in the reason."""
    site = make_sending_site()
    row = get(submit(site, **email_to(make_contact(site), body=HOSTILE, subject=HOSTILE)).request_id)
    client = log_in(site.world.approver_user)
    page = client.get(reverse("approvals:review", args=[row.pk]))
    assert find_acting_nodes(page.content) == []
    refused = send(
        site, row, **{"value.subject": "", "value.body": HOSTILE, "reason": HOSTILE, f"value.{HOSTILE}": "1"}
    )
    assert refused.status_code == 422
    assert find_acting_nodes(refused.content) == []
    assert send(site, row, **{"value.subject": f"{HOSTILE}!", "reason": HOSTILE}).status_code == 302
    for name in ("review", "trace"):
        assert find_acting_nodes(client.get(reverse(f"approvals:{name}", args=[row.pk])).content) == []
