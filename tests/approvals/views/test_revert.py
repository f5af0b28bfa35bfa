"""Taking back through the browser: three ways shown, nobody's value overwritten unasked (RVT-01, RVT-03)."""

import pytest
from django.urls import reverse

from approvals.models import AgentActionRequest
from audit.selectors.clock import get_now
from crm_connectors.services.embedded_edit import edit_record
from tests.builders.api import make_site
from tests.builders.approvals import crm_value, execute, submit_executed, submit_pending
from tests.builders.console import log_in, make_login, text_of

pytestmark = pytest.mark.django_db

TWO = {"changes": {"numberofemployees": 220, "industry": "Software"}, "expected": None}


@pytest.fixture
def site():
    return make_site()


def address(row):
    return reverse("approvals:revert", args=[row.pk])


def edit_by_hand(site, **values):
    edit_record(
        connection_id=site.connection_id,
        object_type="companies",
        record_id=site.company,
        values=values,
        actor="human:jan",
        now=get_now(),
    )


def test_three_ways_are_shown(site):
    row = submit_executed(site, **TWO)
    edit_by_hand(site, numberofemployees=310)
    page = log_in(site.world.approver_user).get(address(row)).context["page"]
    conflicts = {field.field: field.is_conflict for field in page.fields}
    assert conflicts == {"industry": False, "numberofemployees": True}
    employees = next(field for field in page.fields if field.field == "numberofemployees")
    assert [value.pieces[0].text for value in (employees.before, employees.ours, employees.now)] == [
        "100",
        "220",
        "310",
    ]


def test_a_clean_one_is_restored(site):
    row = submit_executed(site)
    answer = log_in(site.world.approver_user).post(address(row), {"reason": "wrong source"})
    revert = AgentActionRequest.objects.get(reverses=row)
    assert answer["Location"] == reverse("approvals:trace", args=[revert.pk])
    execute(revert.pk)
    assert crm_value(site, "numberofemployees") == 100
    row.refresh_from_db()
    assert row.status == "reverted"


def test_a_value_edited_since_is_not_overwritten_unasked(site):
    row = submit_executed(site)
    edit_by_hand(site, numberofemployees=310)
    answer = log_in(site.world.approver_user).post(address(row), {"reason": "wrong source"})
    assert answer.status_code == 409
    assert "Somebody else wrote since" in text_of(answer)
    assert crm_value(site, "numberofemployees") == 310


def test_what_is_ticked_stays_and_the_rest_comes_back(site):
    row = submit_executed(site, **TWO)
    edit_by_hand(site, numberofemployees=310)
    log_in(site.world.approver_user).post(address(row), {"reason": "wrong source", "keep": "numberofemployees"})
    execute(AgentActionRequest.objects.get(reverses=row).pk)
    assert crm_value(site, "numberofemployees") == 310
    assert crm_value(site, "industry") is None


def test_what_was_not_executed_cannot_be_taken_back(site):
    row = submit_pending(site)
    client = log_in(site.world.approver_user)
    assert "It cannot be taken back" in text_of(client.get(address(row)))
    assert client.post(address(row), {"reason": "x"}).status_code == 409


def test_a_second_click_makes_no_second_revert(site):
    row = submit_executed(site)
    client = log_in(site.world.approver_user)
    assert client.post(address(row), {"reason": "x"}).status_code == 302
    assert client.post(address(row), {"reason": "x"}).status_code == 409
    assert AgentActionRequest.objects.filter(reverses=row).count() == 1


def test_who_may_review_may_not_revert(site):
    row = submit_executed(site)
    reviewer = make_login(site.world.workspace, "view_requests", "review_requests")
    assert log_in(reviewer).get(address(row)).status_code == 403
    assert log_in(reviewer).post(address(row), {"reason": "x"}).status_code == 403
    assert not AgentActionRequest.objects.filter(reverses=row).exists()
