"""People and the ledger's screen: `view_ledger` opens it, workspace by workspace (AUD-03, IDN-07)."""

import pytest
from django.test import Client

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from governance.domain.roles import Role
from governance.services.roles import assign_role
from tests.builders.audit import append, new_event
from tests.builders.governance import make_user, make_workspace

pytestmark = pytest.mark.django_db
LIST = "/admin/audit/ledgerevent/"


def sign_in(client: Client, role: Role) -> None:
    user = make_user(username=f"{role.value}@example.com")
    workspace = make_workspace()
    assign_role(user_id=user.pk, workspace_id=workspace.pk, role=role, actor=Actor("system", "test"), now=get_now())
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")


@pytest.mark.parametrize("role", [Role.REVOPS_ADMIN, Role.COMPLIANCE, Role.AUDITOR])
def test_who_may_read_the_ledger_reads_an_event(client: Client, role: Role) -> None:
    (event_id,) = append(new_event())
    sign_in(client, role)
    assert str(event_id) in client.get(LIST).content.decode()
    assert client.get(f"{LIST}{event_id}/change/").status_code == 200


@pytest.mark.parametrize("role", [Role.SALES_OPS, Role.SALES_MANAGER])
def test_who_may_not_is_refused(client: Client, role: Role) -> None:
    (event_id,) = append(new_event())
    sign_in(client, role)
    assert client.get(LIST).status_code == 403
    assert client.get(f"{LIST}{event_id}/change/").status_code == 403


def test_an_auditor_of_one_workspace_finds_no_event_of_another(client: Client) -> None:
    (event_id,) = append(new_event(workspace="other"))
    sign_in(client, Role.AUDITOR)
    assert str(event_id) not in client.get(LIST).content.decode()
    assert client.get(f"{LIST}{event_id}/change/").status_code == 302


def test_nobody_writes_there(client: Client) -> None:
    (event_id,) = append(new_event())
    sign_in(client, Role.REVOPS_ADMIN)
    assert client.post(f"{LIST}{event_id}/change/", {"type": "x"}).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
