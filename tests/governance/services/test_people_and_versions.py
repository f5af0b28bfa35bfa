"""Roles of people, and the versions that agents come in (IDN-03/07)."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from guardian.shortcuts import get_perms

from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.domain.fingerprint import version_fingerprint
from governance.domain.roles import PERMISSIONS, ROLE_PERMISSIONS, Role
from governance.models import AgentVersion, Workspace
from governance.selectors.access import NotAllowedError, list_workspaces, may
from governance.services.agent_versions import record_agent_version
from governance.services.roles import UnknownRoleError, assign_role
from tests.builders.governance import make_agent, make_person, make_user, make_workspace

ROSA = Actor("human", "rosa")
VERSION = {"model": "m-1", "prompt_template": "enrich@12", "prompt_hash": "sha256:aa", "tools_hash": "sha256:bb"}


def test_every_permission_of_the_table_is_declared_on_the_workspace() -> None:
    assert frozenset(codename for codename, _ in Workspace._meta.permissions) == PERMISSIONS
    assert set(ROLE_PERMISSIONS) == set(Role)


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_exactly_its_permissions_in_one_workspace(role: Role) -> None:
    here, there = make_workspace("here"), make_workspace("there")
    user = make_user(make_person(), is_staff=False)
    assign_role(user_id=user.pk, workspace_id=here.pk, role=role, actor=ROSA, now=get_now())
    assert set(get_perms(user, here)) == ROLE_PERMISSIONS[role]
    assert not any(may(user, permission, there.pk) for permission in PERMISSIONS)
    assert there not in list_workspaces(user, *PERMISSIONS)


@pytest.mark.django_db
def test_another_role_takes_the_first_ones_rights_away() -> None:
    workspace = make_workspace()
    user = make_user(make_person())
    for role in (Role.REVOPS_ADMIN, Role.AUDITOR, Role.AUDITOR):
        assign_role(user_id=user.pk, workspace_id=workspace.pk, role=role, actor=ROSA, now=get_now())
    assert set(get_perms(user, workspace)) == ROLE_PERMISSIONS[Role.AUDITOR]
    assert LedgerEvent.objects.filter(type="role.assigned").count() == 2


@pytest.mark.django_db
def test_agents_give_no_roles_and_unknown_roles_are_refused() -> None:
    workspace, user = make_workspace(), make_user(make_person())
    with pytest.raises(NotAllowedError):
        assign_role(user_id=user.pk, workspace_id=workspace.pk, role="rep", actor=Actor("agent", "a"), now=get_now())
    with pytest.raises(UnknownRoleError):
        assign_role(user_id=user.pk, workspace_id=workspace.pk, role="god", actor=ROSA, now=get_now())


@pytest.mark.django_db
def test_a_login_that_was_closed_may_nothing() -> None:
    workspace, user = make_workspace(), make_user(make_person())
    assign_role(user_id=user.pk, workspace_id=workspace.pk, role="revops_admin", actor=ROSA, now=get_now())
    user.is_active = False
    user.save()
    assert not any(may(user, permission, workspace.pk) for permission in PERMISSIONS)
    assert not list_workspaces(user, *PERMISSIONS)


@pytest.mark.django_db(transaction=True)
def test_a_known_version_costs_no_query() -> None:
    agent = make_agent(make_workspace())
    now = get_now()
    first = record_agent_version(agent_id=agent.pk, now=now, **VERSION)
    with CaptureQueriesContext(connection) as queries:
        assert record_agent_version(agent_id=agent.pk, now=now, **VERSION) == first
    assert len(queries) == 0
    assert LedgerEvent.objects.filter(type="agent_version.recorded").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_version_that_was_rolled_back_is_not_remembered() -> None:
    agent = make_agent(make_workspace())
    with transaction.atomic():
        lost = record_agent_version(agent_id=agent.pk, now=get_now(), **VERSION)
        transaction.set_rollback(True)
    assert record_agent_version(agent_id=agent.pk, now=get_now(), **VERSION) != lost
    assert AgentVersion.objects.count() == 1


def test_any_part_changes_the_fingerprint_and_parts_do_not_run_together() -> None:
    seen = {version_fingerprint(**VERSION)}
    for name in VERSION:
        seen.add(version_fingerprint(**{**VERSION, name: "other"}))
    seen.add(version_fingerprint(**{**VERSION, "model": "m-1enrich@12", "prompt_template": ""}))
    assert len(seen) == 6
    assert all(value.startswith("sha256:") and len(value) == 71 for value in seen)
