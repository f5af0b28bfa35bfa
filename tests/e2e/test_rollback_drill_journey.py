"""Drill an agent's rollback in a real browser, at a desk and on a phone (RVT-06)."""

import pytest

from approvals.services.rollback_working import work_on_rollback_drills
from approvals.services.sweep import run_due

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_rollback_drill(visit, site):
    page = visit.page
    visit.enter(site.world.approver_user)
    visit.open("/rollback-drills/")
    assert not visit.is_scrolling_sideways()
    visit.press_on(page.get_by_role("button", name="Drill it now"))
    page.get_by_text("The drill has begun").wait_for()
    for _ in range(6):
        work_on_rollback_drills()
        run_due(worker="e2e")
    visit.reload_until("passed")
    assert not visit.is_scrolling_sideways()
    visit.shoot("1-passed")
    page.emulate_media(color_scheme="dark")
    page.reload()
    visit.shoot("2-dark")
