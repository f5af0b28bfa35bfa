"""The draft's pages: who may, what they say, and what they refuse (POL-03, POL-05, POL-06)."""

import pytest
from django.urls import reverse

from approvals.services.backtest import run_backtest
from governance.domain.roles import Role
from governance.models import ChangeProposal, FieldOwnership, GoldenCase, PolicyBacktest, PolicyVersion, ShadowRun
from tests.builders.api import make_site
from tests.builders.approvals import submit
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.governance.admin.test_console import log_in as log_in_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def client(site):
    return log_in(make_login(site.world.workspace, "publish_policy", "view_requests", name="Rosa Publishes"))


def url(page, *args):
    return reverse(f"admin:governance_policyversion_{page}", args=args)


def edit(level="approval"):
    FieldOwnership.objects.filter(field__name="numberofemployees").update(permission_level=level)


def test_publish_is_hidden_while_nothing_changed(site, client):
    page = url("publish", site.world.workspace.pk)
    assert "Nothing to publish" in text_of(client.get(page))
    edit()
    answer = client.get(page)
    assert "Publish in the sandbox</button>" in text_of(answer)
    assert "Agents may now write" in text_of(answer)
    assert not find_acting_nodes(answer.content)


def test_a_row_to_mend_is_linked_and_nothing_is_published(site, client):
    row = FieldOwnership.objects.get(field__name="amount")
    FieldOwnership.objects.filter(pk=row.pk).update(permission_level="safe_write")
    page = url("publish", site.world.workspace.pk)
    assert f"/admin/governance/fieldownership/{row.pk}/change/" in text_of(client.get(page))
    client.post(page, {"reason": "all the same"})
    assert PolicyVersion.objects.count() == 1


def test_a_backtest_is_run_watched_and_read(site, client):
    submitted = submit(site)
    edit()
    workspace = site.world.workspace.pk
    client.post(url("backtest_start", workspace), {"days": "7"})
    row = PolicyBacktest.objects.get()
    assert client.get(url("backtest_progress", row.pk)).json() == {"state": "waiting", "done": 0, "total": None}
    while run_backtest(seconds=5):
        pass
    assert "newly put to a person" in text_of(client.get(url("publish", workspace)))
    assert str(submitted.request_id) in text_of(client.get(url("backtest", row.pk)))
    PolicyBacktest.objects.update(result={**PolicyBacktest.objects.get().result, "gated": 0})
    assert "run it again" in text_of(client.get(url("backtest", row.pk)))


@pytest.mark.parametrize("days", ["", "0", "x", "1000", "-1"])
def test_odd_days_start_nothing(site, client, days):
    client.post(url("backtest_start", site.world.workspace.pk), {"days": days})
    assert not PolicyBacktest.objects.exists()


def test_a_request_is_kept_as_golden_case_and_blocks_the_draft(site, client):
    """POL-05: from the trace page."""
    submitted = submit(site)
    answer = client.post(reverse("approvals:keep_golden", args=[submitted.request_id]), {"name": "Employees"})
    assert answer.status_code == 302
    case = GoldenCase.objects.get()
    assert (case.expected_outcome, case.source_request) == ("allow", submitted.request_id)
    edit("blocked")
    page = url("publish", site.world.workspace.pk)
    assert "it would be refused, not allowed" in text_of(client.get(page))
    client.post(page, {"reason": "all the same"})
    assert PolicyVersion.objects.count() == 1


def test_the_promotion_says_what_is_missing_and_proposes_when_nothing_is(site, client):
    version = PolicyVersion.objects.get()
    page = url("promote", version.pk)
    assert "no backtest" in text_of(client.get(page))
    client.post(url("backtest_start", site.world.workspace.pk), {"days": "7", "version": str(version.pk)})
    while run_backtest(seconds=5):
        pass
    assert client.post(page, {"reason": "it proved itself"}).status_code == 302
    assert ChangeProposal.objects.get().kind == "policy.promote"


def test_a_shadow_run_is_started_and_stopped(site, client):
    edit()
    client.post(url("shadow_start", site.world.workspace.pk))
    run = ShadowRun.objects.get()
    assert "No difference yet" in text_of(client.get(url("shadow", run.pk)))
    client.post(url("shadow_stop", run.pk))
    assert ShadowRun.objects.get().stopped_at is not None


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SALES_MANAGER, Role.SALES_OPS, Role.COMPLIANCE])
def test_who_may_not_publish_starts_and_stops_nothing(site, role):
    version = PolicyVersion.objects.get()
    stranger = log_in_as(site.world, role)
    for page, pk in (
        ("publish", site.world.workspace.pk),
        ("backtest_start", site.world.workspace.pk),
        ("shadow_start", site.world.workspace.pk),
        ("promote", version.pk),
    ):
        assert stranger.post(url(page, pk), {"reason": "x", "days": "7"}).status_code == 403
    submitted = submit(site)
    refused = stranger.post(reverse("approvals:keep_golden", args=[submitted.request_id]), {"name": "Mine"})
    assert refused.status_code in {403, 404}
    assert [model.objects.count() for model in (GoldenCase, PolicyBacktest, ShadowRun)] == [0, 0, 0]
