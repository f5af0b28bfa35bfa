"""Edit, hold and step by keyboard alone, at a desk and on a phone: a real browser (APR-03, APR-12)."""

import pytest

from approvals.models import Correction, Snooze
from approvals.services.followers import follow_ledger
from audit.selectors.clock import get_now
from audit.services.sequence import sequence_pending
from tests.builders.approvals import crm_value, submit_pending, vote

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

READING_MS = 700


def test_correct_by_keyboard_and_see_it_written(visit, site, worker):
    """E opens the form, Escape closes it, what is refused stays in the form, and the corrected value is written."""
    for _ in range(2):
        vote(site, submit_pending(site), verdict="deny", reason="as an example")
    sequence_pending(now=get_now())
    follow_ledger()
    changes = {"name": "Umicore NV", "industry": "Retail", "country": "Belgium"}
    row, following = submit_pending(site, changes=changes, expected=None), submit_pending(site)
    page = visit.page
    visit.log_in(site.world.approver_user.username)
    visit.open(f"/review/{row.pk}/")
    visit.shoot("1-review")
    assert not visit.is_scrolling_sideways()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("e")
    assert page.get_by_label("Name", exact=True).is_visible()
    page.keyboard.press("Escape")
    assert not page.get_by_label("Name", exact=True).is_visible()
    page.keyboard.press("e")
    page.get_by_label("Country", exact=True).fill("France")
    page.get_by_label("Name", exact=True).fill("")
    visit.shoot("2-edit")
    assert not visit.is_scrolling_sideways()
    page.keyboard.press("Enter")
    page.wait_for_url("**/edit/")
    assert page.get_by_text("required and must not be emptied").first.is_visible()
    visit.trouble.clear()  # the browser notes the refusal, a 422, as an error
    visit.shoot("3-refused")
    page.get_by_label("Name", exact=True).fill("Umicore SA")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/review/{following.pk}/")
    assert Correction.objects.get().fields == ["country", "name"]
    visit.open(f"/requests/{row.pk}/")
    visit.reload_until("executed")
    assert crm_value(site, "name") == "Umicore SA"
    visit.shoot("4-trace")
    assert not visit.is_scrolling_sideways()


def test_hold_and_step_by_keyboard(visit, site):
    """J and K step, H opens the choices and decides nothing; what is held waits on a list of its own."""
    one, two = submit_pending(site), submit_pending(site, correlation_id="run-2")
    page = visit.page
    page.emulate_media(color_scheme="dark")
    visit.log_in(site.world.approver_user.username)
    visit.open(f"/review/{one.pk}/")
    page.keyboard.press("j")
    page.wait_for_url(f"**/review/{two.pk}/")
    page.wait_for_timeout(READING_MS)
    page.keyboard.press("k")
    page.wait_for_url(f"**/review/{one.pk}/")
    page.keyboard.press("h")
    assert page.get_by_role("radio", name="for an hour").is_visible()
    visit.shoot("1-hold")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/review/{two.pk}/")
    assert Snooze.objects.get().request_id == one.pk
    visit.open("/review/on-hold/")
    visit.shoot("2-on-hold")
    assert not visit.is_scrolling_sideways()
