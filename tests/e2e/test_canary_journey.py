"""Meet a canary in a real browser: approve it, be told, and read the result, at a desk and on a phone (QAS-02)."""

import pytest

from approvals.models import Canary, SamplingPlan
from tests.builders.governance import allow
from tests.builders.quality import plant_canary, settle

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_approve_a_canary_and_be_told_at_once(visit, site):
    allow(site.world.approver_user, site.world.workspace, "view_quality", "review_access")
    SamplingPlan.objects.create(workspace=site.world.workspace, canary_every=1)
    settle()
    canary = plant_canary(site)
    page = visit.page
    visit.log_in(site.world.approver_user.username)

    visit.open(f"/review/{canary.pk}/")
    assert not visit.is_scrolling_sideways()
    assert page.get_by_text("canary").count() == 0
    visit.shoot("1-like-any-other")
    page.wait_for_timeout(700)  # a key held over from the page before decides nothing
    page.keyboard.press("a")
    page.get_by_text("This was a canary").wait_for()
    visit.shoot("2-told")
    assert Canary.objects.get(request=canary).outcome == "missed"

    visit.open("/quality/canaries/")
    page.get_by_text("0 of 1 caught").wait_for()
    assert not visit.is_scrolling_sideways()
    visit.shoot("3-results")
    page.emulate_media(color_scheme="dark")
    page.reload()
    visit.shoot("4-results-dark")
    visit.open(f"/review/{canary.pk}/")
    page.get_by_text("It was a canary, made to be denied").first.wait_for()
    visit.shoot("5-afterwards")
