"""Delegations and break-glass as facts: read live at every decision and every claim that needs them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Lower

from audit.selectors.database_clock import DatabaseNow
from governance.domain.action_class import REQUESTABLE
from governance.domain.facts import BreakGlassFacts, DelegationFacts
from governance.domain.vocabulary import Lifecycle
from governance.models import Agent, BreakGlass, Delegation, RegisteredField
from governance.selectors.held import AgentScope

DelegationKey = tuple[UUID, str]
"""agent, the person's e-mail address as the request names it"""
GlassKey = tuple[UUID, str, str, str, str]
"""agent, connection, action, object, record (empty when it names none)"""


def list_delegations(keys: Sequence[DelegationKey]) -> list[tuple[DelegationFacts, ...]]:
    """For each key what the active person delegated to the agent and nobody revoked, expired ones too. One query."""
    agents, emails = {agent for agent, _ in keys}, {email.strip().lower() for _, email in keys}
    rows = (
        Delegation.objects.annotate(email=Lower("person__email"))
        .filter(agent_id__in=agents, email__in=emails, revoked_at__isnull=True, person__is_active=True)
        .select_related("connection")
        .order_by("-expires_at", "id")
    )
    found: defaultdict[DelegationKey, list[DelegationFacts]] = defaultdict(list)
    for row in rows:
        found[row.agent_id, row.email].append(_delegation(row))
    return [tuple(found[agent, email.strip().lower()][:20]) for agent, email in keys]


@dataclass(frozen=True, slots=True)
class DelegationChoices:
    """What a delegation may name: agents of the workspace that are not retired, actions, and registered objects."""

    agents: tuple[Agent, ...]
    actions: tuple[tuple[str, str], ...]
    objects: tuple[str, ...]


def list_delegation_choices(workspace_id: UUID, agents: AgentScope = None) -> DelegationChoices:
    """Two queries."""
    scope = Q() if agents is None else Q(pk__in=agents)
    rows = Agent.objects.filter(scope, workspace=workspace_id).exclude(lifecycle=Lifecycle.RETIRED).order_by("name")
    named = RegisteredField.objects.filter(connection__workspace=workspace_id).order_by("object_type")
    return DelegationChoices(
        agents=tuple(rows),
        actions=tuple((item.value, item.value.replace("_", " ")) for item in sorted(REQUESTABLE)),
        objects=tuple(named.values_list("object_type", flat=True).distinct()),
    )


def list_own_delegations(*, workspace_id: UUID, person_id: UUID | None) -> list[Delegation]:
    """What the person delegated in the workspace and is live, ending first on top. One query."""
    rows = Delegation.objects.filter(
        agent__workspace=workspace_id, person=person_id, revoked_at__isnull=True, expires_at__gt=DatabaseNow()
    )
    return list(rows.select_related("agent", "connection", "granted_by").order_by("expires_at", "id"))


def list_break_glass(keys: Sequence[GlassKey]) -> list[BreakGlassFacts]:
    """For each key the opening that covers it and is live by the database's clock, the longest first. One query."""
    wanted = Q()
    for agent, _, action, _, _ in set(keys):
        wanted |= Q(agent_id=agent, action=action)
    rows = BreakGlass.objects.filter(wanted, ended_at__isnull=True, expires_at__gt=DatabaseNow())
    live = list(rows.select_related("connection").order_by("-expires_at", "id"))
    return [next((_glass(row) for row in live if _covers(row, key)), BreakGlassFacts()) for key in keys]


def _covers(row: BreakGlass, key: GlassKey) -> bool:
    agent, connection, action, object_type, record_id = key
    is_place = (row.agent_id, row.connection.name) == (agent, connection)
    return is_place and (row.action, row.object_type) == (action, object_type) and row.record_id in {"", record_id}


def _glass(row: BreakGlass) -> BreakGlassFacts:
    return BreakGlassFacts(id=str(row.pk), expires_at=row.expires_at)


def _delegation(row: Delegation) -> DelegationFacts:
    return DelegationFacts(
        id=str(row.pk),
        person=str(row.person_id),
        connection=row.connection.name if row.connection is not None else "",
        actions=tuple(row.actions),
        objects=tuple(row.objects_named),
        expires_at=row.expires_at,
    )
