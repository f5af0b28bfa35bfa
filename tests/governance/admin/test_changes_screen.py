"""The page of two-person changes: what waits is readable, and each button does only what its person may (PRM-08)."""

import pytest
from django.urls import reverse

from audit.selectors.clock import get_now
from governance.models import ChangeProposal, FieldOwnership
from governance.services.change_proposals import propose_change
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.governance import make_workspace, make_world
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db
LIST = reverse("admin:governance_changeproposal_changelist")
HOSTILE = "<script>alert(1)</script> because"


@pytest.fixture
def world():
    return make_world()


@pytest.fixture
def rosa(world):
    return make_login(world.workspace, "edit_policy", "countersign_changes", name="Rosa Proposes")


@pytest.fixture
def carl(world):
    return make_login(world.workspace, "countersign_changes", name="Carl Countersigns")


def propose(world, user, subject="Open deals.dealstage"):
    row = FieldOwnership.objects.get(field__name="dealstage", field__connection__workspace=world.workspace)
    return propose_change(
        workspace_id=world.workspace.pk,
        kind="field.raise",
        payload={"ownership": str(row.pk), "name": "deals.dealstage", "from": "blocked", "to": "approval"},
        subject=subject,
        reason=HOSTILE,
        person_id=user.person_id,
        user_id=user.pk,
        now=get_now(),
    )


def deed(name, proposal_id):
    return reverse(f"admin:governance_changeproposal_{name}", args=[proposal_id])


def test_the_page_says_who_proposed_what_and_why(world, rosa, carl):
    propose(world, rosa)
    answer = log_in(carl).get(LIST)
    page = text_of(answer)
    for expected in ("Rosa Proposes", "Open deals.dealstage", "each of them takes a person", "Countersign", "Reject"):
        assert expected in page
    assert "&lt;script&gt;alert(1)" in page
    assert not [node for node in find_acting_nodes(answer.content) if "alert" in node]


def test_the_proposer_sees_withdraw_and_no_countersign(world, rosa):
    proposal_id = propose(world, rosa)
    page = text_of(log_in(rosa).get(LIST))
    assert deed("withdraw", proposal_id) in page
    assert deed("countersign", proposal_id) not in page


def test_countersigning_makes_the_change(world, rosa, carl):
    proposal_id = propose(world, rosa)
    client = log_in(carl)
    assert client.get(deed("countersign", proposal_id)).status_code == 200
    assert FieldOwnership.objects.get(field__name="dealstage").permission_level == "blocked"
    assert client.post(deed("countersign", proposal_id)).status_code == 302
    assert FieldOwnership.objects.get(field__name="dealstage").permission_level == "approval"
    assert "Carl Countersigns countersigned" in text_of(
        client.get(reverse("admin:governance_changeproposal_change", args=[proposal_id]))
    )


def test_the_proposer_at_the_address_is_refused_in_words(world, rosa):
    proposal_id = propose(world, rosa)
    page = text_of(log_in(rosa).post(deed("countersign", proposal_id)))
    assert "another person countersigns it" in page
    assert ChangeProposal.objects.get().status == "waiting"


def test_rejecting_takes_a_reason(world, rosa, carl):
    proposal_id = propose(world, rosa)
    client = log_in(carl)
    assert client.post(deed("reject", proposal_id), {"reason": " "}).status_code == 200
    assert ChangeProposal.objects.get().status == "waiting"
    client.post(deed("reject", proposal_id), {"reason": "no"})
    assert ChangeProposal.objects.get().status == "rejected"


@pytest.mark.parametrize("name", ["countersign", "reject", "withdraw"])
def test_who_may_not_see_it_may_not_decide_it(world, rosa, name):
    proposal_id = propose(world, rosa)
    rep = make_login(world.workspace, name="Rep")
    other = make_login(make_workspace("other"), "countersign_changes", name="Other")
    for user in (rep, other):
        assert log_in(user).post(deed(name, proposal_id), {"reason": "x"}).status_code == 403
    assert ChangeProposal.objects.get().status == "waiting"


def test_the_home_page_counts_what_waits(world, rosa, carl):
    propose(world, rosa)
    changes = log_in(carl).get(reverse("admin:index")).context["home"].changes
    assert (changes.count, changes.by_others) == (1, 1)
    assert log_in(rosa).get(reverse("admin:index")).context["home"].changes.by_others == 0


def test_many_waiting_changes_cost_little_more_than_one(world, rosa, carl):
    propose(world, rosa)
    client = log_in(carl)
    client.get(LIST)
    with captured_statements() as one:
        client.get(LIST)
    for number in range(5):
        propose(world, rosa, subject=f"Open it {number}")
    with captured_statements() as six:
        client.get(LIST)
    assert len(six) <= len(one)
