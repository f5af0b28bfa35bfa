"""The kill switches' screen: nothing is stopped by not choosing, and people are called by name (KIL-01)."""

import pytest
from django.test import Client

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from governance.domain.roles import Role
from governance.models import KillSwitch
from governance.services.roles import assign_role
from governance.services.switches import engage_switch
from tests.builders.governance import make_person, make_user, make_workspace

pytestmark = pytest.mark.django_db
LIST = "/admin/governance/killswitch/"


def test_a_form_without_a_choice_stops_nothing(client: Client) -> None:
    workspace = make_workspace()
    sign_in(client, workspace)
    assert 'value="" selected' in client.get(f"{LIST}add/").content.decode()
    answer = client.post(f"{LIST}add/", {"workspace": str(workspace.pk), "kind": "", "reason": "in a hurry"})
    assert answer.status_code == 200
    assert not KillSwitch.objects.exists()


def test_who_engaged_is_called_by_name(client: Client) -> None:
    workspace = make_workspace()
    sign_in(client, workspace)
    rosa = make_person("Rosa Revops", email="rosa@example.com")
    switch_id = engage_switch(
        workspace_id=workspace.pk,
        kind="all",
        agent_id=None,
        reason="smoke",
        actor=Actor("human", str(rosa.pk)),
        now=get_now(),
    )
    for page in (LIST, f"{LIST}{switch_id}/lift/"):
        text = client.get(page).content.decode()
        assert "Rosa Revops" in text
        assert str(rosa.pk) not in text


def sign_in(client: Client, workspace) -> None:
    user = make_user(make_person("Maya", email="maya@example.com"), username="maya")
    actor = Actor("system", "test")
    assign_role(user_id=user.pk, workspace_id=workspace.pk, role=Role.REVOPS_ADMIN, actor=actor, now=get_now())
    client.force_login(user, backend="config.model_permissions.ModelPermissionsBackend")
