"""What no page of ours sends is answered, not crashed on: ids that are none, and bytes that are no text."""

import pytest
from django.urls import reverse

from governance.models import PolicyBacktest, PolicyVersion
from tests.builders.api import make_site
from tests.builders.console import log_in, make_login
from tests.builders.governance import make_world, publish, stray_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def client(site):
    user = make_login(site.world.workspace, "edit_policy", "manage_agents", "publish_policy", "view_requests")
    user.is_staff = True
    user.save()
    client = log_in(user)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(
    "path",
    [
        "/admin/governance/rule/x/change/",
        "/admin/governance/rule/%00/change/",
        "/admin/governance/agent/x/issue-credential/",
        "/admin/governance/integration/x/issue-credential/",
    ],
)
def test_a_row_that_cannot_be_is_not_found(client, path):
    assert client.get(path).status_code in (302, 404)
    assert client.post(path).status_code in (302, 404)


def test_bytes_that_are_no_text_are_refused(client, site):
    workspace = site.world.workspace.pk
    body = b'{"rows":[{"id":"\xff"}]}'
    for name, status in (("fieldownership_sheet", 400), ("rule_check", 200)):
        address = reverse(f"admin:governance_{name}", args=[workspace])
        assert client.post(address, body, content_type="application/json").status_code == status
    assert client.post(reverse("admin:governance_rule_add"), body, content_type="application/json").status_code == 422


@pytest.mark.parametrize("version", ["x", "\x00", "stray", "foreign"])
def test_a_backtest_takes_a_version_of_the_workspace_or_none(client, site, version):
    elsewhere = make_world("other", agent_name="agent.other")
    publish(elsewhere)
    foreign = PolicyVersion.objects.get(workspace=elsewhere.workspace).pk
    version = {"stray": str(stray_id()), "foreign": str(foreign)}.get(version, version)
    address = reverse("admin:governance_policyversion_backtest_start", args=[site.world.workspace.pk])
    assert client.post(address, {"days": "9" * 5000, "version": version}).status_code == 404
    assert not PolicyBacktest.objects.exists()
