"""Out of office on one's own page, and the list of the console: one's own and nobody else's (APR-05, IDN-07)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from approvals.models import Vote
from audit.selectors.clock import get_now
from governance.domain.roles import ROLE_PERMISSIONS, Role
from governance.models import StandIn
from tests.builders.api import make_site
from tests.builders.approvals import submit_pending, vote
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.governance import make_workspace
from tests.builders.routing import make_colleague, stand_in

pytestmark = pytest.mark.django_db
PAGE, LEAVE = reverse("approvals:out_of_office"), reverse("approvals:leave")


@pytest.fixture
def site():
    return make_site()


def form(site, person, **changes):
    today = get_now().date()
    return {
        "stand_in": str(person.pk),
        "groups": [str(site.world.group.pk)],
        "first_day": today.isoformat(),
        "last_day": (today + timedelta(days=3)).isoformat(),
        "reason": "sea",
        **changes,
    }


def test_a_person_names_and_ends_their_own_and_the_other_side_sees_it(site):
    tina, user = make_colleague(site)
    client = log_in(site.world.approver_user)
    page = client.get(PAGE)
    assert "You vote yourself" in text_of(page)
    assert not find_acting_nodes(page.content)
    assert "Named." in text_of(client.post(LEAVE, form(site, tina), follow=True))
    row = StandIn.objects.get()
    assert (row.person, row.stand_in, row.named_by) == (site.world.approver, tina, site.world.approver)
    assert (row.ends_at.hour, row.ends_at.date()) == (0, get_now().date() + timedelta(days=4))
    assert "Rosa Revops" in text_of(log_in(user).get(PAGE))
    assert "Ended." in text_of(log_in(user).post(reverse("approvals:end_stand_in", args=[row.pk]), follow=True))
    row.refresh_from_db()
    assert row.revoked_by == tina


@pytest.mark.parametrize(
    "changes",
    [
        {"stand_in": "x"},
        {"groups": []},
        {"groups": ["x"]},
        {"first_day": "soon"},
        {"last_day": ""},
        {"last_day": "2020-01-01"},
        {"last_day": "9999-12-30"},
    ],
)
def test_what_is_no_sound_absence_is_said_and_names_nobody(site, changes):
    tina, _ = make_colleague(site)
    page = text_of(log_in(site.world.approver_user).post(LEAVE, form(site, tina, **changes), follow=True))
    assert "Nobody was named" in page
    assert not StandIn.objects.exists()


def test_nobody_ends_another_persons_here(site):
    tina, _ = make_colleague(site)
    row = stand_in(site, tina)
    address = reverse("approvals:end_stand_in", args=[row.pk])
    assert log_in(make_colleague(site, "Olaf Other")[1]).post(address).status_code == 404
    assert log_in(make_login(make_workspace("other"), "review_requests", name="Else")).post(address).status_code == 404
    assert Client().post(address).status_code == 302
    row.refresh_from_db()
    assert row.revoked_at is None


def test_a_stranger_has_no_such_page(site):
    assert log_in(make_login(None, name="No Body")).get(PAGE).status_code == 403
    assert Client().get(PAGE).status_code == 302


def test_the_inbox_of_a_stand_in_holds_what_waits_for_the_absent_person(site):
    tina, user = make_colleague(site)
    row = submit_pending(site)
    inbox = reverse("approvals:inbox")
    assert str(row.pk) not in text_of(log_in(user).get(inbox))
    stand_in(site, tina)
    assert str(row.pk) in text_of(log_in(user).get(inbox))
    page = text_of(log_in(user).get(reverse("approvals:review", args=[row.pk])))
    assert "Tina Stand-In for Rosa Revops" in page
    answer = log_in(user).post(reverse("approvals:approve", args=[row.pk]), {"digest": row.digest})
    assert (answer.status_code, Vote.objects.get().person) == (302, tina)


def test_a_vote_of_somebody_who_left_says_that_it_does_not_count(site):
    """APR-05: the page says so before the claim does."""
    tina, user = make_colleague(site)
    row = stand_in(site, tina)
    site.world.group.memberships.create(person=make_colleague(site, "Bo Second")[0])
    request = submit_pending(site)
    request.decision["requirement"]["count"] = 2
    request.save(update_fields=["decision"])
    assert vote(site, request, person=tina, user=user).status == "pending"
    StandIn.objects.filter(pk=row.pk).update(revoked_at=get_now(), revoked_by=tina)
    page = text_of(log_in(site.world.approver_user).get(reverse("approvals:review", args=[request.pk])))
    assert "is in no group that decides this any more, does not count" in page


def test_the_console_lists_them_and_revops_ends_one(site):
    """IDN-07: the auditor sees, RevOps ends, another workspace finds nothing."""
    tina, _ = make_colleague(site)
    row = stand_in(site, tina)
    listing = reverse("admin:governance_standin_changelist")
    end = reverse("admin:governance_standin_end", args=[row.pk])
    auditor = log_in(make_login(site.world.workspace, "view_ledger", name="Ada Auditor"))
    assert "Tina Stand-In" in text_of(auditor.get(listing))
    assert auditor.post(end).status_code == 403
    elsewhere = log_in(make_login(make_workspace("other"), "manage_agents", name="Else Where"))
    assert "Tina Stand-In" not in text_of(elsewhere.get(listing))
    assert elsewhere.post(end).status_code == 403
    assert log_in(make_login(site.world.workspace, "view_requests", name="Vera")).get(listing).status_code == 403
    revops = log_in(make_login(site.world.workspace, "manage_agents", name="Rea Revops"))
    assert revops.get(end).status_code == 200
    assert revops.post(end).status_code == 302
    row.refresh_from_db()
    assert row.revoked_at is not None


def test_who_manages_agents_names_and_ends_for_somebody_else_in_all_their_groups(site):
    """APR-05: a person who fell ill cannot name anybody themselves."""
    tina, _ = make_colleague(site)
    lead = make_login(site.world.workspace, "manage_agents", name="Lena Lead")
    client = log_in(lead)
    page = client.get(PAGE)
    assert not find_acting_nodes(page.content)
    assert f'<option value="{site.world.approver.pk}">Rosa Revops</option>' in text_of(page)
    for_rosa = form(site, tina, groups=[]) | {"person": str(site.world.approver.pk)}
    assert "Named." in text_of(client.post(LEAVE, for_rosa, follow=True))
    row = StandIn.objects.get()
    assert (row.person, row.stand_in, row.named_by, row.group) == (
        site.world.approver,
        tina,
        lead.person,
        site.world.group,
    )
    assert "Nobody was named" in text_of(client.post(LEAVE, for_rosa, follow=True))  # one seat, one stand-in
    assert "Ended." in text_of(client.post(reverse("approvals:end_stand_in", args=[row.pk]), follow=True))
    row.refresh_from_db()
    assert row.revoked_by == lead.person


def test_nobody_else_names_for_another_person_nor_themselves(site):
    """IDN-07: it takes `manage_agents` here; and who names is never the one who is named."""
    tina, user = make_colleague(site)
    for_rosa = form(site, tina) | {"person": str(site.world.approver.pk)}
    assert "For other people" not in text_of(log_in(user).get(PAGE))
    assert "Nobody was named" in text_of(log_in(user).post(LEAVE, for_rosa, follow=True))
    elsewhere = make_login(make_workspace("other"), "manage_agents", name="Else Where")
    assert "Nobody was named" in text_of(log_in(elsewhere).post(LEAVE, for_rosa, follow=True))
    ops = log_in(make_login(site.world.workspace, *ROLE_PERMISSIONS[Role.SALES_OPS], name="Sam Ops"))
    assert "For other people" not in text_of(ops.get(PAGE))
    assert "Nobody was named" in text_of(ops.post(LEAVE, for_rosa, follow=True))
    lead = make_login(site.world.workspace, "manage_agents", "review_requests", name="Lena Lead")
    own = form(site, lead.person) | {"person": str(site.world.approver.pk)}
    assert "Nobody was named" in text_of(log_in(lead).post(LEAVE, own, follow=True))
    assert "Nobody was named" in text_of(log_in(lead).post(LEAVE, {**own, "person": "x"}, follow=True))
    assert not StandIn.objects.exists()
