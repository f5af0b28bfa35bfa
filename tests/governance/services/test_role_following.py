"""IDN-07: a login that was given a role keeps up with it when a release gives the role more, or less."""

import pytest
from django.core.management import call_command
from guardian.shortcuts import assign_perm, get_perms, remove_perm

from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.domain import roles
from governance.domain.roles import ROLE_PERMISSIONS, Role
from governance.services import role_following
from governance.services.role_following import follow_roles
from governance.services.roles import assign_role, withdraw_role
from tests.builders.governance import make_person, make_user, make_workspace

pytestmark = pytest.mark.django_db
ROSA = Actor("human", "rosa")


@pytest.fixture
def workspace():
    return make_workspace()


@pytest.fixture
def ada(workspace):
    user = make_user(make_person("Ada Auditor"))
    assign_role(user_id=user.pk, workspace_id=workspace.pk, role=Role.AUDITOR, actor=ROSA, now=get_now())
    return user


def release(monkeypatch, *permissions):
    """The next release gives auditors these permissions."""
    table = {**ROLE_PERMISSIONS, Role.AUDITOR: frozenset(permissions)}
    for module in (roles, role_following):
        monkeypatch.setattr(module, "ROLE_PERMISSIONS", table)


def test_migrating_gives_and_takes_what_the_role_gained_and_lost_once(workspace, ada, monkeypatch):
    release(monkeypatch, "view_requests", "review_access")
    call_command("migrate", verbosity=0)
    assert set(get_perms(ada, workspace)) == {"view_requests", "review_access"}
    assert LedgerEvent.objects.filter(type="role.assigned", actor_id="roles").count() == 1
    assert follow_roles(now=get_now()) == 0


def test_what_was_given_or_taken_by_hand_stays(workspace, ada, monkeypatch):
    assign_perm("add_dnc", ada, workspace)
    remove_perm("view_requests", ada, workspace)
    release(monkeypatch, "view_requests", "view_ledger", "review_access")
    assert follow_roles(now=get_now()) == 1
    assert set(get_perms(ada, workspace)) == {"add_dnc", "view_ledger", "review_access"}


def test_a_role_that_was_withdrawn_comes_back_for_nobody(workspace, ada, monkeypatch):
    withdraw_role(user_id=ada.pk, workspace_id=workspace.pk, actor=ROSA, now=get_now())
    release(monkeypatch, "view_requests", "review_access")
    assert follow_roles(now=get_now()) == 0
    assert get_perms(ada, workspace) == []
