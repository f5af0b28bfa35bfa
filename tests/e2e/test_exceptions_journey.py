"""Work the exception queue in a real browser, by keyboard, at a desk and on a phone; then an incident (EXC-02…04)."""

import pytest

from approvals.models import ExceptionCase, Incident
from tests.builders.approvals import submit
from tests.builders.exceptions import DENIED, make_case, take_news
from tests.builders.governance import allow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_tick_own_and_close_by_keyboard_then_declare_an_incident(visit, site):
    allow(site.world.approver_user, site.world.workspace, "handle_exceptions")
    for _ in range(3):
        submit(site, **DENIED)
    take_news()
    make_case(site.world.workspace)
    page = visit.page
    visit.log_in(site.world.approver_user.username)

    visit.open("/exceptions/")
    assert not visit.is_scrolling_sideways()
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    assert page.get_by_text("2 ticked").is_visible()
    page.keyboard.press("o")
    page.get_by_text("Done: 2 of 2").wait_for()
    assert set(ExceptionCase.objects.values_list("owner", flat=True)) == {site.world.approver.pk}
    visit.shoot("1-owned")

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/exceptions/*-*/")
    assert not visit.is_scrolling_sideways()
    page.get_by_label("Comment").fill("the list is old")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("the list is old").wait_for()
    visit.shoot("2-case")
    page.get_by_label("The data was put right").check()
    page.get_by_role("button", name="Close", exact=True).click()
    page.get_by_text("Closed on").wait_for()
    assert ExceptionCase.objects.filter(state="closed", outcome="data_fixed").count() == 1

    left = ExceptionCase.objects.get(state="open")
    visit.open(f"/exceptions/{left.pk}/")
    page.get_by_role("button", name="Declare", exact=True).click()
    page.wait_for_url("**/incidents/*-*/")
    page.fill("[name=root_cause]", "an old list")
    page.select_option("[name=control]", "data")
    page.fill("[name=remedy]", "a new list")
    page.get_by_role("button", name="Keep").click()
    page.get_by_text("Findings kept").wait_for()
    assert not visit.is_scrolling_sideways()
    visit.shoot("3-incident")
    page.get_by_role("button", name="Close it").click()
    page.get_by_text("Incident closed").wait_for()
    assert Incident.objects.get().state == "closed"
