"""What is stopped, tripped or broken open where the person may see it, and whom they may stop: every page's head, by
one statement, planned once a connection (KIL-01)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from audit.selectors.prepared import prepared_cursor
from governance.domain.break_glass import break_glass_words
from governance.domain.vocabulary import Lifecycle
from governance.models import User, Workspace
from governance.selectors.held import Held, get_held

STOPS_SEEN_BY = ("view_requests", "engage_switches", "lift_switches")
LEDGER_SEEN_BY = ("review_requests", "revert_requests", "lift_switches", "manage_agents", "view_ledger")
GLASSES_SEEN_BY = ("view_requests", "break_glass", "countersign_changes", "view_ledger")
SHOWN, MOST_AGENTS = 20, 200
_READ = 1_000
Row = tuple[Any, ...]

# A kind, a moment and seven texts a row, so that all kinds fit into one statement; agents in the order of their names.
_STATEMENT = """
    SELECT 'stop' AS label, s.engaged_at AS moment, s.kind, COALESCE(a.name, ''), w.name, w.slug, s.reason,
        s.engaged_by, ''
    FROM governance_killswitch s
    JOIN governance_workspace w ON w.id = s.workspace_id
    LEFT JOIN governance_agent a ON a.id = s.agent_id
    WHERE s.lifted_at IS NULL
        AND (s.workspace_id {among} OR s.agent_id {among} OR (s.agent_id IS NULL AND s.workspace_id {among}))
    UNION ALL
    SELECT 'breaker', b.opened_at, b.name, w.name, b.why, '', '', '', ''
    FROM governance_breakerstate b
    JOIN governance_workspace w ON w.id = b.workspace_id
    WHERE b.opened_at IS NOT NULL AND b.workspace_id {among}
    UNION ALL
    SELECT 'glass', g.expires_at, a.name, g.action, g.object_type, g.record_id, c.name, asked.name, agreed.name
    FROM governance_breakglass g
    JOIN governance_agent a ON a.id = g.agent_id
    JOIN governance_connection c ON c.id = g.connection_id
    JOIN governance_person asked ON asked.id = g.asked_by_id
    JOIN governance_person agreed ON agreed.id = g.countersigned_by_id
    WHERE g.ended_at IS NULL AND g.expires_at > {now} AND (a.workspace_id {among} OR g.agent_id {among})
    UNION ALL
    SELECT 'ledger', l.since, l.words, '', '', '', '', '', ''
    FROM governance_ledgerstanding l
    UNION ALL
    SELECT 'agent', NULL, w.slug, a.name, w.name, {agent}, '', '', ''
    FROM governance_agent a
    JOIN governance_workspace w ON w.id = a.workspace_id
    WHERE a.lifecycle <> %s AND (a.workspace_id {among} OR a.id {among})
    ORDER BY 1 DESC, 2 DESC, 3, 4
    LIMIT %s"""
_WORDS = {
    "postgresql": {"among": "= ANY(%s::uuid[])", "now": "clock_timestamp()", "agent": "a.id::text"},
    "sqlite": {
        "among": "IN (SELECT value FROM json_each(%s))",
        "now": "strftime('%%Y-%%m-%%d %%H:%%M:%%f000', 'now')",
        "agent": "a.id",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StopInForce:
    """`agent` is empty for a stop of all agents; `kind` is the switch's."""

    kind: str
    agent: str
    workspace: str
    slug: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBreaker:
    """A circuit breaker that is not closed."""

    name: str
    workspace: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGlass:
    """One opening in words (PRM-10); `until` by the clock of UTC."""

    words: str
    people: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppableAgent:
    """An agent that is not retired, where the person may stop it."""

    id: UUID
    name: str
    workspace: str
    slug: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """Stops and breakers newest first, openings the soonest to end first, twenty of each; `agents` by workspace and
    name, the first two hundred. `ledger` says what keeps every effect back, empty when nothing does."""

    stops: tuple[StopInForce, ...] = ()
    breakers: tuple[OpenBreaker, ...] = ()
    glasses: tuple[OpenGlass, ...] = ()
    agents: tuple[StoppableAgent, ...] = ()
    ledger: str = ""


def get_in_force(user: User) -> InForce:
    """By the database's clock. One statement."""
    found: dict[str, list[Row]] = {}
    held = get_held(user)
    for kind, *texts in _read(held):
        found.setdefault(kind, []).append(tuple(texts))
    return InForce(
        stops=tuple(_stop(*row) for row in found.get("stop", ())[:SHOWN]),
        breakers=tuple(_breaker(*row) for row in found.get("breaker", ())[:SHOWN]),
        glasses=tuple(_glass(*row) for row in found.get("glass", ())[::-1][:SHOWN]),
        agents=tuple(_agent(*row) for row in found.get("agent", ())[:MOST_AGENTS]),
        ledger=next((row[1] for row in found.get("ledger", ()) if held.list_reach(*LEDGER_SEEN_BY)), ""),
    )


def _read(held: Held) -> list[Row]:
    """Who may see single agents alone sees their stops, and those of the whole workspace."""
    places, alone = held.list_where(*STOPS_SEEN_BY), held.list_agents(*STOPS_SEEN_BY)
    among = (
        _keys(places),
        _ids(alone),
        _keys(held.agent_workspaces if alone else ()),
        _keys(places),
        _keys(held.list_where(*GLASSES_SEEN_BY)),
        _ids(alone),
    )
    stoppable = (_keys(held.list_where("engage_switches")), _ids(held.list_agents("engage_switches")))
    statement = _STATEMENT.format(**_WORDS[connection.vendor])
    with prepared_cursor() as cursor:
        cursor.execute(statement, [*among, Lifecycle.RETIRED.value, *stoppable, _READ])
        rows: list[Row] = cursor.fetchall()
    return rows


def _keys(places: Iterable[Workspace]) -> Any:
    return _ids(place.pk for place in places)


def _ids(ids: Iterable[UUID]) -> Any:
    """A parameter for `among`."""
    return list(ids) if connection.vendor == "postgresql" else json.dumps([item.hex for item in ids])


def _stop(*row: str) -> StopInForce:
    _, kind, agent, workspace, slug, reason, by, _ = row
    return StopInForce(kind=kind, agent=agent, workspace=workspace, slug=slug, reason=reason, by=by)


def _breaker(*row: str) -> OpenBreaker:
    _, name, workspace, why, *_ = row
    return OpenBreaker(name=name, workspace=workspace, why=why)


def _glass(until: datetime | str, *row: str) -> OpenGlass:
    """SQLite tells a moment as text."""
    agent, action, object_type, record, place, asked, agreed = row
    words = break_glass_words(agent=agent, action=action, object_type=object_type, record_id=record, connection=place)
    moment = datetime.fromisoformat(until) if isinstance(until, str) else until.astimezone(UTC)
    return OpenGlass(words=words, people=f"{asked} and {agreed}", until=f"{moment:%H:%M} UTC")


def _agent(*row: str) -> StoppableAgent:
    _, slug, name, workspace, id_, *_ = row
    return StoppableAgent(id=UUID(id_), name=name, workspace=workspace, slug=slug)
