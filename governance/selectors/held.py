"""What a login holds, and where: with the workspaces themselves and the database's time, in one statement.

Every page asks this first and may ask as often as it likes: it is read once for each user *instance*, that is for each
request. Services that change something read the user anew, and so this too (IDN-07).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import RawQuerySet

from audit.selectors.clock import get_now
from audit.selectors.database_clock import DatabaseNow
from governance.domain.agent_rights import AGENT_RIGHTS
from governance.domain.roles import PERMISSIONS
from governance.models import User, Workspace

_KEPT_AS, _CODENAMES, _MOMENT, _AGENT = "_held", "codenames", "moment", "agent"
AgentScope = frozenset[UUID] | None
"""The agents that something is about; None for all of the workspace, those to come and what is of none included."""

_HELD = """
    WITH of_objects AS (
        SELECT o.object_pk, p.codename, c.model
        FROM (
            SELECT object_pk, permission_id, content_type_id FROM guardian_userobjectpermission WHERE user_id = %(user)s
            UNION
            SELECT g.object_pk, g.permission_id, g.content_type_id FROM guardian_groupobjectpermission g
            JOIN governance_user_groups m ON m.group_id = g.group_id WHERE m.user_id = %(user)s
        ) o
        JOIN django_content_type c ON c.id = o.content_type_id AND c.app_label = 'governance'
        JOIN auth_permission p ON p.id = o.permission_id
    )
    SELECT w.id, w.slug, w.name, w.created_at, {codenames} AS codenames, {moment} AS moment, '' AS agent
    FROM governance_workspace w
    JOIN of_objects p ON p.model = 'workspace' AND {same_workspace}
    GROUP BY w.id
    UNION ALL
    SELECT w.id, w.slug, w.name, w.created_at, {codenames}, {moment}, {agent}
    FROM governance_agent a
    JOIN of_objects p ON p.model = 'agent' AND {same_agent}
    JOIN governance_workspace w ON w.id = a.workspace_id
    GROUP BY w.id, a.id
    UNION ALL
    SELECT NULL, '', '', NULL, {labels}, {moment}, ''
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
        "same_workspace": "p.object_pk = w.id::text",
        "same_agent": "p.object_pk = a.id::text",
        "agent": "a.id::text",
    },
    "sqlite": {
        "codenames": "group_concat(p.codename, ',')",
        "labels": "group_concat(c.app_label || '.' || p.codename, ',')",
        "moment": "NULL",
        "same_workspace": "REPLACE(p.object_pk, '-', '') = w.id",  # ids are kept without dashes there
        "same_agent": "REPLACE(p.object_pk, '-', '') = a.id",
        "agent": "a.id",
    },
}


@dataclass(frozen=True, slots=True)
class Held:
    """`workspaces` by slug, those where the login holds anything for all agents; `of_agents` what it holds for single
    ones, by workspace and agent, in `agent_workspaces`; `of_models` are Django's permissions on whole models, as
    `app.codename`; `now` is the database's time of the reading.

    INVARIANT: what is asked of a workspace never looks at single agents. A door that lets their people in says so, by
    `at_agent`, `get_scope` or `list_reach`, and shows and does no more than that scope.
    """

    workspaces: tuple[Workspace, ...] = ()
    permissions: Mapping[UUID, frozenset[str]] = field(default_factory=dict)
    agent_workspaces: tuple[Workspace, ...] = ()
    of_agents: Mapping[UUID, Mapping[UUID, frozenset[str]]] = field(default_factory=dict)
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

    def list_held(self) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """What is held in some workspace, what for some single agent, and what on models: wherever it is."""
        alone = (held for agents in self.of_agents.values() for held in agents.values())
        return frozenset().union(*self.permissions.values()), frozenset().union(*alone), self.of_models

    def at_agent(self, workspace_id: UUID, agent_id: UUID | None) -> frozenset[str]:
        """What is held for this agent: in all of its workspace, or for it alone. None: for what is of no agent."""
        alone = self.of_agents.get(workspace_id, {}).get(agent_id, frozenset()) if agent_id is not None else frozenset()
        return self.at(workspace_id) | alone

    def at_some_agent(self, workspace_id: UUID) -> frozenset[str]:
        """What is held in the workspace, or for some agent of it: what a page of many agents may draw."""
        return self.at(workspace_id).union(*self.of_agents.get(workspace_id, {}).values())

    def get_scope(self, workspace_id: UUID, *permissions: str) -> AgentScope:
        """The agents for which any of these is held: None where it is held for all, none where for nobody."""
        if not self.at(workspace_id).isdisjoint(permissions):
            return None
        alone = self.of_agents.get(workspace_id, {})
        return frozenset(agent for agent, held in alone.items() if not held.isdisjoint(permissions))

    def list_reach(self, *permissions: str) -> tuple[Workspace, ...]:
        """The workspaces where any of these is held, for all agents or for one, by slug."""
        found = {row.pk: row for row in (*self.workspaces, *self.agent_workspaces)}
        return tuple(
            row
            for row in sorted(found.values(), key=lambda row: row.slug)
            if self.get_scope(row.pk, *permissions) != frozenset()
        )

    def list_agents(self, *permissions: str) -> tuple[UUID, ...]:
        """Single agents for which any of these is held, wherever they are."""
        alone = (item for agents in self.of_agents.values() for item in agents.items())
        return tuple(agent for agent, held in alone if not held.isdisjoint(permissions))


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
    places = tuple(row for row in rows if row.slug and not getattr(row, _AGENT, ""))
    of_agents = [row for row in rows if getattr(row, _AGENT, "")]
    return Held(
        workspaces=places,  # the row of the models' permissions is of no workspace
        permissions={row.pk: PERMISSIONS if user.is_superuser else _codenames(row) for row in places},
        agent_workspaces=tuple({row.pk: row for row in of_agents}.values()),
        of_agents=_by_agent(of_agents),
        of_models=frozenset().union(*(_codenames(row) for row in rows if not row.slug)),
        now=moment.astimezone(UTC) if moment is not None else get_now(),
    )


def _by_agent(rows: Iterable[Workspace]) -> dict[UUID, dict[UUID, frozenset[str]]]:
    found: dict[UUID, dict[UUID, frozenset[str]]] = {}
    for row in rows:
        if rights := _codenames(row) & AGENT_RIGHTS:
            found.setdefault(row.pk, {})[UUID(getattr(row, _AGENT))] = rights
    return found


def _everywhere() -> QuerySet[Workspace]:
    return Workspace.objects.annotate(moment=DatabaseNow()).order_by("slug")


def _granted(user: User) -> "RawQuerySet[Workspace]":
    return Workspace.objects.raw(_HELD.format(**_WORDS[connection.vendor]), {"user": user.pk})


def _codenames(row: Workspace) -> frozenset[str]:
    told: str | None = getattr(row, _CODENAMES)
    return frozenset(told.split(",")) if told else frozenset()
