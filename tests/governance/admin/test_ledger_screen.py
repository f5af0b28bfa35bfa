"""People and the ledger's screen: `view_ledger` opens it, workspace by workspace (AUD-03, IDN-07)."""

import re

import pytest
from django.test import Client

from audit.admin import paginator
from audit.domain.event import Actor, Subject
from audit.domain.identifier import new_id
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.domain.roles import Role
from governance.models import Workspace
from governance.services.roles import assign_role
from tests.builders.audit import append, new_event
from tests.builders.governance import make_user, make_workspace, make_world

pytestmark = pytest.mark.django_db
LIST = "/admin/audit/ledgerevent/"


def sign_in(client: Client, role: Role) -> None:
    user = make_user(username=f"{role.value}@example.com")
    workspace = make_workspace()
    assign_role(user_id=user.pk, workspace_id=workspace.pk, role=role, actor=Actor("system", "test"), now=get_now())
    client.force_login(user, backend="config.model_permissions.ModelPermissionsBackend")


def sign_in_at(client: Client, workspace: Workspace) -> None:
    user = make_user(username="auditor@example.com")
    assign_role(
        user_id=user.pk, workspace_id=workspace.pk, role=Role.AUDITOR, actor=Actor("system", "test"), now=get_now()
    )
    client.force_login(user, backend="config.model_permissions.ModelPermissionsBackend")


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


def test_the_list_names_what_an_event_is_about_in_one_query_a_type(client: Client) -> None:
    """AUD-03: people read names; the event's own page keeps the whole id."""
    agent = make_world().agent
    stray = new_id()
    named = new_event(subject=Subject("agent", str(agent.pk)))
    (first, *_) = append(named, named, new_event(subject=Subject("request", str(stray))))
    sign_in_at(client, agent.workspace)
    text = client.get(LIST).content.decode()
    assert f"agent {agent.name}" in text
    assert f"request …{str(stray)[-8:]}" in text
    assert str(agent.pk) not in text
    assert str(agent.pk) in client.get(f"{LIST}{first}/change/").content.decode()


def test_more_events_than_are_counted_are_told_as_more(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paginator, "MAX_ROWS", 3)
    append(*(new_event() for _ in range(3)))
    sign_in(client, Role.AUDITOR)
    assert paginator.CappedPaginator(LedgerEvent.objects.order_by("id"), 2).is_capped, (
        "the role's own event is the fourth"
    )
    assert re.search(r"\b3\+\s+events", client.get(LIST).content.decode())
