"""Clear an inbox without a mouse: move, select, ask, approve, read what became of each (APR-03, APR-06)."""

import pytest

from approvals.models import AgentActionRequest, BatchDecision, Vote
from tests.builders.approvals import submit_pending
from tests.builders.crm_connectors import make_record

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def rows(site):
    """Five alike, one unsure, one of another kind."""
    alike = [pending(site, place, {"name": f"Company {place} NV"}) for place in range(5)]
    return [*alike, pending(site, 8, {"name": "Odd"}, confidence=0.71), pending(site, 9, {"annualrevenue": 7})]


def pending(site, place, changes, **more):
    company = make_record(site.connection_id, "companies", name=f"Company {place}")
    return submit_pending(site, target={"object": "companies", "id": company}, changes=changes, **more)


def wait_to_read(page):
    page.wait_for_timeout(700)  # a key held over from the page before decides nothing


def statuses(rows):
    return [AgentActionRequest.objects.get(pk=row.pk).status for row in rows]


def test_a_group_is_approved_by_keyboard_and_one_is_taken_out(visit, site, rows):
    page = visit.page
    visit.log_in(site.world.approver_user.username)
    visit.open("/review/")
    assert page.locator("[data-group]").count() == 1
    assert page.locator("details[data-fold]").get_attribute("open") is None
    visit.shoot("1-folded")
    assert not visit.is_scrolling_sideways()

    wait_to_read(page)
    page.keyboard.press("a")  # nothing is selected
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    assert page.locator("details[data-fold]").get_attribute("open") is not None
    page.keyboard.press("x")
    assert page.locator("[data-count]").inner_text() == "5"
    visit.shoot("2-selected")
    assert not visit.is_scrolling_sideways()
    page.keyboard.press("a")
    page.get_by_role("heading", name="Approve 5 requests?").wait_for()
    assert statuses(rows) == ["pending"] * 7

    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("[data-count]").inner_text() == "4"
    visit.shoot("3-question")
    assert not visit.is_scrolling_sideways()
    wait_to_read(page)
    page.keyboard.press("a")
    page.wait_for_url("**/review/together/*-*/**")
    assert page.get_by_text("4 of 4 approved by you").is_visible()
    assert page.get_by_text("1 taken out by you beforehand").is_visible()
    visit.shoot("4-report")
    assert not visit.is_scrolling_sideways()
    assert sorted(statuses(rows)) == ["approved"] * 4 + ["pending"] * 3
    assert {vote.digest for vote in Vote.objects.all()} <= {row.digest for row in rows}

    page.keyboard.press("u")
    page.wait_for_url("**/review/")
    assert page.locator("[data-row]").count() == 3


def test_a_range_is_selected_and_denied_with_a_reason(visit, site, rows):
    page = visit.page
    visit.log_in(site.world.approver_user.username)
    visit.open("/review/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("Shift+J")
    page.keyboard.press("Shift+J")
    assert page.locator("[data-count]").inner_text() == "3"
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    assert page.locator("[data-count]").inner_text() == "4"
    page.keyboard.press("r")
    page.get_by_label("We do not want this change").check()
    page.fill("[name=note]", "keys a r x j in a note do nothing")
    assert statuses(rows) == ["pending"] * 7
    visit.shoot("1-reasons")
    assert not visit.is_scrolling_sideways()
    page.get_by_role("button", name="Deny 4").click()
    page.wait_for_url("**/review/together/*-*/**")
    assert sorted(statuses(rows)) == ["denied"] * 4 + ["pending"] * 3


def test_links_that_stand_alone_fit_a_thumb(visit, site):
    page = visit.page
    visit.enter(site.world.approver_user)
    least = 44 if visit.is_phone else 0
    for path, name in (
        ("/review/", "What you hold"),
        ("/review/", "All requests"),
        ("/nobody/?group=revops", "Those of"),
    ):
        visit.open(path)
        link = page.locator("#main, .cs-page").get_by_role("link", name=name).last
        assert link.bounding_box()["height"] >= least, name
    assert page.locator("[data-stopper] > summary").bounding_box()["height"] >= least


def test_who_changes_their_mind_goes_on_where_they_were(visit, site, rows):
    """Escape closes the reasons, then clears the selection; J and K go on from the row, not from the top."""
    page = visit.page
    visit.log_in(site.world.approver_user.username)
    visit.open("/review/")
    row = page.locator("[data-row] .cs-row-link:visible").last
    row.focus()
    for key in ("x", "r", "Escape", "Escape"):
        page.keyboard.press(key)
    assert page.locator("[data-count]").inner_text() == "0"
    assert row.evaluate("row => row === document.activeElement")


def test_one_goes_at_once_and_arrows_and_held_keys_decide_nothing(visit, site, rows):
    page = visit.page
    visit.log_in(site.world.approver_user.username)
    visit.open("/review/")
    page.locator("[data-row] .cs-row-link:visible").last.focus()
    page.keyboard.press("x")
    page.evaluate("document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'a', repeat: true, bubbles: true}))")
    for key in ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Control+a", "Escape"):
        page.keyboard.press(key)
    assert page.locator("[data-count]").inner_text() == "0"
    assert not BatchDecision.objects.exists()
    page.keyboard.press("x")
    wait_to_read(page)
    page.keyboard.press("a")
    page.wait_for_url("**/review/together/*-*/**")
    assert page.get_by_text("1 of 1 approved by you").is_visible()
    assert sorted(statuses(rows)) == ["approved"] + ["pending"] * 6


def test_the_palette_goes_to_pages_and_requests(visit, site, rows):
    page = visit.page
    visit.log_in(site.world.approver_user.username)
    visit.open("/review/")
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Go to a page, an agent or a request")
    assert page.get_by_text("Agent actions under control").locator("visible=true").count() <= 1  # no page of that name
    box.fill(str(rows[0].pk))
    page.locator("#cs-palette-list [role=option]", has_text="Set Name on Company").wait_for()
    visit.shoot("1-palette")
    assert not visit.is_scrolling_sideways()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/review/{rows[0].pk}/")
    page.keyboard.press("Control+k")
    box.fill("all req")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/requests/")
    visit.open("/admin/governance/agent/")
    page.keyboard.press("Control+k")
    assert box.is_visible()
    page.keyboard.press("Escape")
    assert not box.is_visible()
    assert statuses(rows) == ["pending"] * 7


def test_without_scripts_boxes_and_buttons_do_the_same(browser, site, live_server, rows):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/login/?next=/review/")
    page.fill("[name=username]", site.world.approver_user.username)
    page.fill("[name=password]", "correct-horse-battery")
    page.click("[type=submit]")
    page.locator("summary.cs-group-head").click()
    page.locator("details[data-fold] input[data-pick]").first.check()
    page.locator("details[data-fold] input[data-pick]").last.check()
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("button", name="Approve 2").click()
    assert page.get_by_text("2 of 2 approved by you").is_visible()
    context.close()
