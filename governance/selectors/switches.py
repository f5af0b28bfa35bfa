"""What is stopped now: read live at every decision and every claim, never cached (KIL-01)."""

from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from audit.selectors.prepared import prepared_cursor
from audit.services.rows import uuid_value
from governance.domain.facts import BreakerFacts, SwitchFacts
from governance.domain.vocabulary import SwitchKind
from governance.models import KillSwitch, Workspace
from governance.selectors.live_grants import list_live_grants

_USUAL = "usual"
# Asked twice of every claim, the second time while a stop may be waiting for it: prepared, and no ORM.
_IN_FORCE = f"""
SELECT kind, '', engaged_at FROM governance_killswitch
WHERE workspace_id = %s AND lifted_at IS NULL AND (agent_id IS NULL OR agent_id = %s)
UNION ALL
SELECT '', name, opened_at FROM governance_breakerstate WHERE workspace_id = %s AND opened_at IS NOT NULL
UNION ALL
SELECT '{_USUAL}', CAST(per_hour AS varchar), computed_at FROM governance_agentbaseline
WHERE agent_id = %s AND per_hour IS NOT NULL
"""  # noqa: S608  # our own word

_PLACE = """
SELECT w.slug, a.name, (SELECT k.id FROM governance_killswitch k
                        WHERE k.workspace_id = w.id AND k.kind = %s AND k.lifted_at IS NULL
                          AND (k.agent_id = a.id OR (k.agent_id IS NULL AND a.id IS NULL)))
FROM governance_workspace w LEFT JOIN governance_agent a ON a.workspace_id = w.id AND a.id = %s
WHERE w.id = %s
"""


class StopPlace(NamedTuple):
    """Where a stop is engaged: the workspace's slug, the agent's name (None for no agent, or none of the workspace),
    and the switch that is in force there already."""

    workspace: str
    agent: str | None
    in_force: UUID | None


def get_stop_place(*, workspace_id: UUID, kind: str, agent_id: UUID | None) -> StopPlace:
    """One query, no ORM: claims wait for it. Raises Workspace.DoesNotExist."""
    agent = uuid_value(agent_id) if agent_id is not None else None
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, [kind, agent, uuid_value(workspace_id)])
        row = cursor.fetchone()
    if row is None:
        raise Workspace.DoesNotExist("no such workspace")
    slug, name, found = row
    return StopPlace(slug, name, found if found is None or isinstance(found, UUID) else UUID(found))


def get_switch_facts(*, workspace_id: UUID, agent_id: UUID | None) -> SwitchFacts:
    """The switches in force that touch this agent, the breakers that are not closed, and what is usual for it.

    None asks for a human's action. One query.
    """
    workspace, agent = uuid_value(workspace_id), uuid_value(agent_id) if agent_id is not None else None
    with prepared_cursor() as cursor:
        cursor.execute(_IN_FORCE, [workspace, agent, workspace, agent])
        found: list[tuple[str, str, Any]] = cursor.fetchall()
    kinds = {kind for kind, _, _ in found}
    return SwitchFacts(
        is_all_stopped=SwitchKind.ALL in kinds,
        is_agent_stopped=agent_id is not None and SwitchKind.AGENT in kinds,
        is_write_back_off=SwitchKind.WRITE_BACK in kinds,
        is_send_off=SwitchKind.SEND in kinds,
        is_enroll_off=SwitchKind.ENROLL in kinds,
        is_read_only=SwitchKind.READ_ONLY in kinds,
        breakers=tuple(BreakerFacts(name, _moment(at)) for kind, name, at in sorted(found) if not kind),
        usual=next((int(text) for kind, text, _ in found if kind == _USUAL), None),
    )


def _moment(stored: datetime) -> datetime:
    """SQLite keeps times without a zone, in UTC."""
    return stored if stored.tzinfo is not None else stored.replace(tzinfo=UTC)


def is_grant_withdrawn(*, agent_id: UUID, connection_id: UUID, object_type: str, action: str) -> bool:
    """Whether the grant that a published policy may still name was withdrawn since, or its row is gone: one that was
    added again is live from its own version on. One query."""
    rows = list_live_grants().filter(
        agent_id=agent_id, connection_id=connection_id, object_type=object_type, action=action
    )
    return not rows.exists()


def list_switches_in_force(workspace_id: UUID) -> QuerySet[KillSwitch]:
    """Newest first, each with its agent."""
    rows = KillSwitch.objects.filter(workspace_id=workspace_id, lifted_at__isnull=True)
    return rows.select_related("agent").order_by("-engaged_at")
