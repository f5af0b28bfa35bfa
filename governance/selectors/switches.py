"""What is stopped now: read live at every decision and every claim, never cached (KIL-01)."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast

from audit.selectors.kept_query import KeptQuery
from audit.services.rows import uuid_value
from governance.domain.facts import BreakerFacts, SwitchFacts
from governance.domain.vocabulary import SwitchKind
from governance.models import AgentBaseline, BreakerState, Grant, KillSwitch, Workspace
from governance.selectors.live_grants import list_live_grants

_USUAL, _BREAKER = "usual", "breaker"

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

    None asks for a human's action. One query, kept in words: asked twice of every claim.
    """
    return read_switch_rows(_IN_FORCE.fetch(workspace_id, agent_id), agent_id=agent_id)


def switch_rows(workspace_id: UUID, agent_id: UUID | None) -> tuple[Any, ...]:
    """Rows of kind, name, an empty text and a time, to be put together with others by UNION: these first, for their
    time says of what kind the column is."""
    text, nothing = CharField(), Value("", output_field=CharField())
    of_whom = Q(agent=None) if agent_id is None else Q(agent=None) | Q(agent=agent_id)
    stops = KillSwitch.objects.filter(of_whom, workspace=workspace_id, lifted_at=None)
    breakers = BreakerState.objects.filter(workspace=workspace_id, opened_at__isnull=False)
    usual = AgentBaseline.objects.filter(agent=agent_id, per_hour__isnull=False)
    return (
        stops.values_list(Cast("kind", text), nothing, nothing, "engaged_at"),
        breakers.values_list(Value(_BREAKER, output_field=text), Cast("name", text), nothing, "opened_at"),
        usual.values_list(Value(_USUAL, output_field=text), Cast("per_hour", text), nothing, "computed_at"),
    )


def read_switch_rows(rows: Iterable[tuple[Any, ...]], *, agent_id: UUID | None) -> SwitchFacts:
    """The facts from such rows; rows of other kinds say nothing here."""
    found = [(kind, name, at) for kind, name, _, at in rows]
    kinds = {kind for kind, _, _ in found}
    breakers = sorted((name, at) for kind, name, at in found if kind == _BREAKER)
    return SwitchFacts(
        is_all_stopped=SwitchKind.ALL in kinds,
        is_agent_stopped=agent_id is not None and SwitchKind.AGENT in kinds,
        is_write_back_off=SwitchKind.WRITE_BACK in kinds,
        is_send_off=SwitchKind.SEND in kinds,
        is_enroll_off=SwitchKind.ENROLL in kinds,
        is_read_only=SwitchKind.READ_ONLY in kinds,
        breakers=tuple(BreakerFacts(name, at) for name, at in breakers),
        usual=next((int(text) for kind, text, _ in found if kind == _USUAL), None),
    )


def _in_force(workspace_id: UUID, agent_id: UUID | None) -> QuerySet[Any]:
    first, *others = switch_rows(workspace_id, agent_id)
    rows: QuerySet[Any] = first.union(*others, all=True)
    return rows


_IN_FORCE = KeptQuery(_in_force)


def is_grant_withdrawn(*, agent_id: UUID, connection_id: UUID, object_type: str, action: str) -> bool:
    """Whether the grant that a published policy may still name was withdrawn since, or its row is gone: one that was
    added again is live from its own version on. One query."""
    return not _LIVE_GRANT.fetch(agent_id, connection_id, object_type, action)


def _find_live_grant(agent_id: UUID, connection_id: UUID, object_type: str, action: str) -> QuerySet[Grant, UUID]:
    rows = list_live_grants().filter(
        agent_id=agent_id, connection_id=connection_id, object_type=object_type, action=action
    )
    return rows.values_list("pk", flat=True)[:1]


_LIVE_GRANT = KeptQuery(_find_live_grant)


def list_switches_in_force(workspace_id: UUID) -> QuerySet[KillSwitch]:
    """Newest first, each with its agent."""
    rows = KillSwitch.objects.filter(workspace_id=workspace_id, lifted_at__isnull=True)
    return rows.select_related("agent").order_by("-engaged_at")
