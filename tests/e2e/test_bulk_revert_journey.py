"""Take many changes back in a real browser, at a desk and on a phone: choose, read, start, see it end (RVT-02)."""

import pytest

from approvals.models import BulkRevert
from tests.builders.approvals import crm_value
from tests.builders.bulk_reverts import edit, make_company, work, write_one, write_some

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_bulk_revert(visit, site):
    requests = write_some(site, 3)
    long_name = make_company(site, "A company whose name is longer than any phone is wide " * 2)
    edited = write_one(site, long_name)
    edit(site, edited.record_id, numberofemployees=300)
    edit(site, requests[0].record_id, industry="Retail", actor="workflow:segmenting")
    page = visit.page
    visit.enter(site.world.approver_user)

    visit.open("/bulk-reverts/")
    assert not visit.is_scrolling_sideways()
    visit.shoot("1-choose")
    page.locator(".cs-bulk-choice [name=agent]").select_option(label=site.world.agent.name)
    visit.press_on(page.get_by_role("button", name="Start the dry run"))
    page.wait_for_url("**/bulk-reverts/*-*/")
    assert page.get_by_text("A worker takes it up in a moment.").is_visible()
    work()
    page.get_by_text("planned, nothing started").wait_for()  # the page looks again by itself
    assert not visit.is_scrolling_sideways()
    visit.shoot("2-dry-run")

    page.get_by_role("link", name="1 edited since").click()
    assert page.get_by_role("link", name="decide three ways").count() == 1
    page.get_by_role("link", name="4 in all").click()
    page.get_by_label("Why are they taken back?").fill("the register was an old one")
    visit.press_on(page.get_by_role("button", name="Take 3 back"))
    page.get_by_text("It has begun.").wait_for()
    work()
    page.get_by_text("finished", exact=True).wait_for()
    page.reload()
    assert not visit.is_scrolling_sideways()
    visit.shoot("3-finished")

    assert BulkRevert.objects.get().state == "finished"
    assert [crm_value(site, "numberofemployees", record=request.record_id) for request in requests] == [100, 100, 100]
    assert crm_value(site, "numberofemployees", record=edited.record_id) == 300
    page.emulate_media(color_scheme="dark")
    page.reload()
    visit.shoot("4-dark")
    visit.open("/bulk-reverts/")
    visit.shoot("5-dark")
