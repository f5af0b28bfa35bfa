"""What is stopped, tripped or broken open where the person may see it, and whom they may stop: every page's head, by
one statement (KIL-01)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, DateTimeField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce

from audit.selectors.database_clock import DatabaseNow
from governance.domain.break_glass import break_glass_words
from governance.domain.vocabulary import Lifecycle
from governance.models import Agent, BreakerState, BreakGlass, KillSwitch, User, Workspace
from governance.selectors.held import get_held

STOPS_SEEN_BY = ("view_requests", "engage_switches", "lift_switches")
GLASSES_SEEN_BY = ("view_requests", "break_glass", "countersign_changes", "view_ledger")
SHOWN, MOST_AGENTS = 20, 200
_READ = 1_000
_TEXTS = 7
_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
Row = tuple[Any, ...]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """Stops and breakers newest first, openings the soonest to end first, twenty of each; `agents` by workspace and
    name, the first two hundred."""

    stops: tuple[StopInForce, ...] = ()
    breakers: tuple[OpenBreaker, ...] = ()
    glasses: tuple[OpenGlass, ...] = ()
    agents: tuple[StoppableAgent, ...] = ()


def get_in_force(user: User) -> InForce:
    """By the database's clock. One query; none for who may see nothing of it."""
    held = get_held(user)
    places, alone = held.list_where(*STOPS_SEEN_BY), held.list_agents(*STOPS_SEEN_BY)
    glasses = Q(agent__workspace__in=held.list_where(*GLASSES_SEEN_BY)) | Q(agent__in=alone)
    stoppable = Q(workspace__in=held.list_where("engage_switches")) | Q(pk__in=held.list_agents("engage_switches"))
    of_all = Q(agent=None, workspace__in=held.agent_workspaces) if alone else Q(pk__in=())
    parts = (_breakers(places), _glasses(glasses), _agents(stoppable))
    found: dict[str, list[Row]] = {}
    rows = (
        _stops(Q(workspace__in=places) | Q(agent__in=alone) | of_all)
        .union(*parts, all=True)
        .order_by("-label", "-moment", "text_0", "text_1")
    )
    for kind, *texts in rows[:_READ]:
        found.setdefault(kind, []).append(tuple(texts))
    return InForce(
        stops=tuple(_stop(*row) for row in found.get("stop", ())[:SHOWN]),
        breakers=tuple(_breaker(*row) for row in found.get("breaker", ())[:SHOWN]),
        glasses=tuple(_glass(*row) for row in found.get("glass", ())[::-1][:SHOWN]),
        agents=tuple(_agent(*row) for row in found.get("agent", ())[:MOST_AGENTS]),
    )


def _stops(where: Q) -> Any:
    rows = KillSwitch.objects.filter(where, lifted_at__isnull=True)
    agent = Coalesce(F("agent__name"), Value(""))
    names = (F("kind"), agent, F("workspace__name"), F("workspace__slug"), F("reason"), F("engaged_by"))
    return _texts(rows, "stop", F("engaged_at"), *names)


def _breakers(places: Iterable[Workspace]) -> Any:
    rows = BreakerState.objects.filter(workspace__in=places, opened_at__isnull=False)
    return _texts(rows, "breaker", F("opened_at"), F("name"), F("workspace__name"), F("why"))


def _glasses(where: Q) -> Any:
    rows = BreakGlass.objects.filter(where, ended_at__isnull=True, expires_at__gt=DatabaseNow())
    what = (F("agent__name"), F("action"), F("object_type"), F("record_id"), F("connection__name"))
    return _texts(rows, "glass", F("expires_at"), *what, F("asked_by__name"), F("countersigned_by__name"))


def _agents(where: Q) -> Any:
    """All of one moment, so that they come in the order of their names."""
    rows = Agent.objects.filter(where).exclude(lifecycle=Lifecycle.RETIRED)
    names = (F("workspace__slug"), F("name"), F("workspace__name"), Cast("id", CharField()))
    return _texts(rows, "agent", Value(_ALWAYS, output_field=DateTimeField()), *names)


def _texts(rows: QuerySet[Any], kind: str, at: Any, *texts: Any) -> Any:
    """The kind, the moment and seven texts of each row, so that all kinds fit into one statement."""
    empty = Value("", output_field=CharField())
    columns = {f"text_{n}": text for n, text in enumerate((*texts, *[empty] * (_TEXTS - len(texts))))}
    told = rows.order_by().annotate(label=Value(kind, output_field=CharField()), moment=at, **columns)
    return told.values_list("label", "moment", *columns)


def _stop(*row: str) -> StopInForce:
    _, kind, agent, workspace, slug, reason, by, _ = row
    return StopInForce(kind=kind, agent=agent, workspace=workspace, slug=slug, reason=reason, by=by)


def _breaker(*row: str) -> OpenBreaker:
    _, name, workspace, why, *_ = row
    return OpenBreaker(name=name, workspace=workspace, why=why)


def _glass(until: datetime, *row: str) -> OpenGlass:
    agent, action, object_type, record, connection, asked, agreed = row
    words = break_glass_words(
        agent=agent, action=action, object_type=object_type, record_id=record, connection=connection
    )
    return OpenGlass(words=words, people=f"{asked} and {agreed}", until=f"{until:%H:%M} UTC")


def _agent(*row: str) -> StoppableAgent:
    _, _, name, workspace, id_, *_ = row
    return StoppableAgent(id=UUID(id_), name=name, workspace=workspace)
