"""Rollback drills through the browser: begun, scheduled, read; refused to who may not (RVT-06)."""

import pytest
from django.urls import reverse

from approvals.models import RollbackDrill, RollbackSchedule
from approvals.services.rollback_working import work_on_rollback_drills
from approvals.services.sweep import run_due
from tests.builders.api import make_site
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import allow

pytestmark = pytest.mark.django_db

PAGE = "approvals:rollback_drills"


@pytest.fixture
def site():
    site = make_site()
    allow(site.world.approver_user, site.world.workspace, "view_requests", "revert_requests")
    return site


def test_a_drill_is_begun_and_its_result_read(site):
    client = log_in(site.world.approver_user)
    assert "No drill yet" in text_of(client.get(reverse(PAGE)))
    client.post(reverse("approvals:begin_rollback_drill"), {"agent": site.world.agent.name})
    for _ in range(5):
        work_on_rollback_drills()
        run_due(worker="test")
    page = client.get(reverse(PAGE))
    assert "passed" in text_of(page)
    drill = RollbackDrill.objects.get()
    for request_id in (drill.request_id, drill.revert_id):
        assert reverse("approvals:trace", args=[request_id]) in page.content.decode()


def test_drills_are_scheduled_and_ended(site):
    client = log_in(site.world.approver_user)
    client.post(reverse("approvals:schedule_rollback"), {"every_days": "7"})
    assert RollbackSchedule.objects.get().every_days == 7
    assert "All agents every 7 days" in text_of(client.get(reverse(PAGE)))
    for wrong in ("", "-1", "500", "x"):
        answer = client.post(reverse("approvals:schedule_rollback"), {"every_days": wrong}, follow=True)
        assert "Nothing was changed" in text_of(answer)
    client.post(reverse("approvals:schedule_rollback"), {"every_days": "0"})
    assert not RollbackSchedule.objects.exists()


def test_readers_may_look_and_no_more(site):
    """IDN-07."""
    reader = log_in(make_login(site.world.workspace, "view_requests", name="Rita Reader"))
    assert reader.get(reverse(PAGE)).status_code == 200
    for name, form in (
        ("begin_rollback_drill", {"agent": site.world.agent.name}),
        ("schedule_rollback", {"every_days": "1"}),
    ):
        assert reader.post(reverse(f"approvals:{name}"), form).status_code == 403
    nobody = log_in(make_login(None, name="Nora Nobody"))
    assert nobody.get(reverse(PAGE)).status_code == 403
    assert (RollbackDrill.objects.count(), RollbackSchedule.objects.count()) == (0, 0)
