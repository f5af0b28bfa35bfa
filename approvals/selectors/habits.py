"""What agents did lately, and what was new in it: counted by agent, in a few queries for all of them (LIM-05)."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.db.models.functions import TruncHour

from approvals.domain.status import Status
from approvals.domain.touch_keys import domain_key, habit_key
from approvals.models import AgentActionRequest
from audit.domain.identifier import first_id_at
from governance.domain.action_class import SENDS
from governance.domain.vocabulary import ActorType, AnomalySignal, BudgetWindow
from governance.models import AgentHabit, KillSwitch

LOOK_BACK = timedelta(days=14)
WINDOWS = {
    BudgetWindow.MINUTE.value: timedelta(minutes=1),
    BudgetWindow.HOUR.value: timedelta(hours=1),
    BudgetWindow.DAY.value: timedelta(days=1),
}
_CLOCKS = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Past:
    """What the hours of an agent's last days held, and when the first of them was."""

    hours: list[int] = field(default_factory=list)
    first_at: datetime | None = None


def get_pasts(workspace_id: UUID, now: datetime) -> dict[UUID, Past]:
    """Agent → its whole hours before this one, those with work in them. One query."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    rows = _effective(workspace_id, now - LOOK_BACK).filter(created_at__lt=hour)
    grouped = rows.annotate(hour=TruncHour("created_at")).values("agent_id", "hour")
    pasts: dict[UUID, Past] = {}
    for row in grouped.annotate(count=Count("pk"), first=Min("created_at")).order_by("hour"):
        past = pasts.setdefault(row["agent_id"], Past(first_at=row["first"]))
        past.hours.append(row["count"])
    return pasts


def list_recent_habits(workspace_id: UUID, since: datetime) -> list[AgentHabit]:
    """What the requests since then did, one habit for each thing, not saved. Two queries; what was read of the CRM is
    left where it is, except for the recipients of sends."""
    rows = _effective(workspace_id, since).order_by("pk")
    found: dict[tuple[UUID, str, str], AgentHabit] = {}
    for agent_id, created_at, object_type, patch in rows.values_list("agent_id", "created_at", "object_type", "patch"):
        for change in patch:
            key = habit_key(object_type, str(change["field"]))
            _add(found, agent_id, AnomalySignal.NEW_FIELDS, key, created_at)
    sends = rows.filter(action__in=SENDS).values_list("agent_id", "created_at", "facts__recipients", "body")
    for agent_id, created_at, recipients, body in sends:
        for recipient in recipients or ():
            _add(found, agent_id, AnomalySignal.NEW_DOMAINS, domain_key(str(recipient["address"])), created_at)
        sequence = (body.get("enrolment") or {}).get("sequence")
        key = habit_key(str(body.get("connection", "")), str(sequence)) if sequence else ""
        _add(found, agent_id, AnomalySignal.NEW_SEQUENCES, key, created_at)
    return list(found.values())


def _add(
    found: dict[tuple[UUID, str, str], AgentHabit], agent_id: UUID, signal: AnomalySignal, key: str, at: datetime
) -> None:
    if key:
        habit = AgentHabit(agent_id=agent_id, signal=signal.value, key=key, first_at=at)
        found.setdefault((agent_id, signal.value, key), habit)


def count_recent(workspace_id: UUID, now: datetime) -> dict[UUID, dict[tuple[str, str], int]]:
    """Agent → (signal, window) → how many in the window that ends now. Of an agent whose stop was lifted only what came
    since: people looked at what happened before, and at nothing that happens now. Two queries."""
    counted: defaultdict[UUID, dict[tuple[str, str], int]] = defaultdict(dict)
    day = now - WINDOWS[BudgetWindow.DAY]
    volumes = _since_lifted(_effective(workspace_id, day), "created_at", now).values("agent_id")
    for row in volumes.annotate(**_by_window("created_at", now)):
        _note(counted[row["agent_id"]], AnomalySignal.VOLUME, row)
    habits = _since_lifted(
        AgentHabit.objects.filter(agent__workspace_id=workspace_id, first_at__gte=day), "first_at", now
    )
    for row in habits.values("agent_id", "signal").annotate(**_by_window("first_at", now)):
        _note(counted[row["agent_id"]], row["signal"], row)
    return dict(counted)


def _since_lifted(rows: Any, column: str, now: datetime) -> Any:
    """Without what came before the last time that a stop of the agent was lifted within the longest window."""
    lifted = KillSwitch.objects.filter(
        agent=OuterRef("agent"), lifted_at__gte=OuterRef(column), lifted_at__gt=now - WINDOWS[BudgetWindow.DAY]
    )
    return rows.exclude(Exists(lifted))


def _effective(workspace_id: UUID, since: datetime) -> Any:
    """Agents' requests since then that were not denied: what was refused did nothing."""
    rows = AgentActionRequest.objects.filter(
        pk__gte=first_id_at(since - _CLOCKS),
        created_at__gte=since,
        workspace_id=workspace_id,
        actor_type=ActorType.AGENT,
    )
    return rows.exclude(status__in=(Status.DENIED, Status.EVALUATING))


def _by_window(column: str, now: datetime) -> dict[str, Count]:
    return {name: Count("pk", filter=Q(**{f"{column}__gte": now - length})) for name, length in WINDOWS.items()}


def _note(counted: dict[tuple[str, str], int], signal: str, row: Any) -> None:
    counted.update({(signal, window): row[window] for window in WINDOWS if row[window]})
