"""What a login holds, and where: with the workspaces themselves and the database's time, in one statement.

Every page asks this first and may ask as often as it likes: it is read once for each user *instance*, that is for each
request. Services that change something read the user anew, and so this too (IDN-07).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import RawQuerySet

from audit.selectors.clock import get_now
from audit.selectors.database_clock import DatabaseNow
from governance.domain.roles import PERMISSIONS
from governance.models import User, Workspace

_KEPT_AS, _CODENAMES, _MOMENT = "_held", "codenames", "moment"
_HELD = """
    SELECT w.id, w.slug, w.name, w.created_at, {codenames} AS codenames, {moment} AS moment
    FROM governance_workspace w
    JOIN (
        SELECT object_pk, permission_id, content_type_id FROM guardian_userobjectpermission WHERE user_id = %(user)s
        UNION
        SELECT g.object_pk, g.permission_id, g.content_type_id FROM guardian_groupobjectpermission g
        JOIN governance_user_groups m ON m.group_id = g.group_id WHERE m.user_id = %(user)s
    ) held ON {same}
    JOIN django_content_type c ON c.id = held.content_type_id AND c.app_label = 'governance' AND c.model = 'workspace'
    JOIN auth_permission p ON p.id = held.permission_id
    GROUP BY w.id
    UNION ALL
    SELECT NULL, '', '', NULL, {labels}, {moment}
    FROM (
        SELECT permission_id FROM governance_user_user_permissions WHERE user_id = %(user)s
        UNION
        SELECT g.permission_id FROM auth_group_permissions g
        JOIN governance_user_groups m ON m.group_id = g.group_id WHERE m.user_id = %(user)s
    ) held
    JOIN auth_permission p ON p.id = held.permission_id
    JOIN django_content_type c ON c.id = p.content_type_id
    ORDER BY 2"""
_WORDS = {
    "postgresql": {
        "codenames": "string_agg(p.codename, ',')",
        "labels": "string_agg(c.app_label || '.' || p.codename, ',')",
        "moment": "clock_timestamp()",
        "same": "held.object_pk = w.id::text",
    },
    "sqlite": {
        "codenames": "group_concat(p.codename, ',')",
        "labels": "group_concat(c.app_label || '.' || p.codename, ',')",
        "moment": "NULL",
        "same": "REPLACE(held.object_pk, '-', '') = w.id",  # ids are kept without dashes there
    },
}


@dataclass(frozen=True, slots=True)
class Held:
    """`workspaces` by slug, those where the login holds anything; `of_models` are Django's permissions on whole models,
    as `app.codename`; `now` is the database's time of the reading."""

    workspaces: tuple[Workspace, ...] = ()
    permissions: Mapping[UUID, frozenset[str]] = field(default_factory=dict)
    of_models: frozenset[str] = frozenset()
    now: datetime | None = None

    def at(self, workspace_id: UUID) -> frozenset[str]:
        """What is held in this workspace."""
        return self.permissions.get(workspace_id, frozenset())

    def list_where(self, *permissions: str) -> tuple[Workspace, ...]:
        """The workspaces where any of these is held."""
        return tuple(row for row in self.workspaces if not self.permissions[row.pk].isdisjoint(permissions))

    def holds_any(self, *permissions: str) -> bool:
        """Whether any of these is held somewhere."""
        return any(not held.isdisjoint(permissions) for held in self.permissions.values())


def get_held(user: User | AnonymousUser) -> Held:
    """Everything that an active login holds, directly or by its groups; a superuser holds all, everywhere."""
    if not isinstance(user, User) or not user.is_active:
        return Held()
    found: Held | None = getattr(user, _KEPT_AS, None)
    if found is None:
        found = _read(user)
        setattr(user, _KEPT_AS, found)  # not by `__dict__`: `request.user` is a proxy, and its own is another
    return found


def _read(user: User) -> Held:
    rows = list(_everywhere() if user.is_superuser else _granted(user))
    if not rows:
        return Held()
    moment: datetime | None = getattr(rows[0], _MOMENT)
    places = tuple(row for row in rows if row.slug)  # the row of the models' permissions is of no workspace
    return Held(
        workspaces=places,
        permissions={row.pk: PERMISSIONS if user.is_superuser else _codenames(row) for row in places},
        of_models=frozenset().union(*(_codenames(row) for row in rows if not row.slug)),
        now=moment.astimezone(UTC) if moment is not None else get_now(),
    )


def _everywhere() -> QuerySet[Workspace]:
    return Workspace.objects.annotate(moment=DatabaseNow()).order_by("slug")


def _granted(user: User) -> "RawQuerySet[Workspace]":
    return Workspace.objects.raw(_HELD.format(**_WORDS[connection.vendor]), {"user": user.pk})


def _codenames(row: Workspace) -> frozenset[str]:
    told: str | None = getattr(row, _CODENAMES)
    return frozenset(told.split(",")) if told else frozenset()
