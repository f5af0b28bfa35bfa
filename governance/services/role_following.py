"""Logins keep up with their roles: what a release adds to a role or takes from it reaches who holds it (IDN-07)."""

import json
from datetime import datetime
from uuid import UUID

from django.db import transaction
from guardian.shortcuts import assign_perm, get_perms, remove_perm

from audit.domain.event import Actor, NewEvent, Subject
from audit.models import LedgerEvent
from audit.services.append import append_event
from governance.domain.roles import PERMISSIONS, ROLE_PERMISSIONS, Role
from governance.models import User, Workspace
from governance.services.roles import name_of

SYSTEM = Actor("system", "roles")
_TYPES = ("role.assigned", "role.withdrawn")


def follow_roles(*, now: datetime) -> int:
    """Give and take what roles gained and lost since each login was assigned its own; returns how many changed.

    The ledger says who was given which role with which permissions. Only the difference between those and the role as
    it is now is applied: what somebody gave or took by hand stays. Safe to repeat. Commits each login by itself, with
    a `role.assigned` event. Raises LedgerUnavailableError.
    """
    changed = 0
    workspaces = {row.slug: row for row in Workspace.objects.all()}
    for (slug, user_id), (role, recorded) in _list_assigned().items():
        if slug in workspaces and role in set(Role):
            changed += _follow(user_id, workspaces[slug].pk, Role(role), recorded, now)
    return changed


def _list_assigned() -> dict[tuple[str, int], tuple[str, frozenset[str]]]:
    """(workspace, login) → the role that it was given last and that role's permissions then; withdrawn ones not."""
    found: dict[tuple[str, int], tuple[str, frozenset[str]]] = {}
    rows = LedgerEvent.objects.filter(type__in=_TYPES).order_by("id")
    for type_, slug, subject, body in rows.values_list("type", "workspace", "subject_id", "body"):
        key = (slug, int(subject))
        if type_ == "role.withdrawn":
            found.pop(key, None)
        else:
            data = json.loads(bytes(body))["data"]
            found[key] = (data["role"], frozenset(data["permissions"]))
    return found


def _follow(user_id: int, workspace_id: UUID, role: Role, recorded: frozenset[str], now: datetime) -> int:
    wanted = ROLE_PERMISSIONS[role]
    if wanted == recorded:
        return 0
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=user_id, is_superuser=False).first()
        workspace = Workspace.objects.get(pk=workspace_id)
        if user is None:
            return 0
        held = PERMISSIONS.intersection(get_perms(user, workspace))
        for codename in sorted(wanted - recorded - held):
            assign_perm(codename, user, workspace)
        for codename in sorted((recorded - wanted) & held):
            remove_perm(codename, user, workspace)
        event = NewEvent(
            type="role.assigned",
            workspace=workspace.slug,
            actor=SYSTEM,
            subject=Subject("user", str(user.pk)),
            correlation_id=f"role-{user.pk}",
            data={
                "role": role.value,
                "permissions": sorted(wanted),
                "person": str(user.person_id) if user.person_id else None,
            },
            values=name_of(user),
        )
        append_event(event, now=now)
    return 1
