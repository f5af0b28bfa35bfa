"""Watching agents: what each usually does, what is new in what it does, and the stop of one unlike itself (LIM-05)."""

from datetime import datetime, timedelta
from uuid import UUID

from approvals.selectors.habits import LOOK_BACK, count_recent, get_pasts, list_recent_habits
from approvals.services.anomaly_stop import stop_agent
from governance.domain.anomaly import find_anomalies, hourly_median
from governance.models import Agent, AgentBaseline, AgentHabit
from governance.selectors.policy import get_policy_indexes

LEARNING = timedelta(days=1)
"""So long every field is new to an agent, and none is unusual."""
_STALE = timedelta(minutes=1)
_OVERLAP = timedelta(seconds=30)  # what was committed late has an earlier time


def watch_agents(*, workspace_id: UUID, now: datetime) -> int:
    """Learn what the workspace's agents do and stop those that are unlike themselves; returns how many.

    Nothing is learned or asked where policy in force says nothing of anomalies. As many queries for many agents as for
    few, and more only for those that are stopped.
    """
    tables = [index.anomalies for index in get_policy_indexes(workspace_id).values() if index.anomalies]
    if not tables:
        return 0
    baselines = _learn(workspace_id, now)
    counted = count_recent(workspace_id, now)
    names = dict(Agent.objects.filter(pk__in=counted).values_list("pk", "name"))
    stopped = 0
    for agent_id, name in names.items():
        baseline = baselines.get(agent_id)
        usual = baseline.per_hour if baseline is not None else None
        is_learning = baseline is None or now - baseline.known_since < LEARNING
        found = [
            finding
            for table in tables
            for finding in find_anomalies(table, name, counted[agent_id], usual=usual, is_learning=is_learning)
        ]
        if found:
            stopped += stop_agent(workspace_id=workspace_id, agent_id=agent_id, finding=found[0], now=now)
    return stopped


def _learn(workspace_id: UUID, now: datetime) -> dict[UUID, AgentBaseline]:
    """Keep what is new, and with every hour compute the medians anew; agent → its baseline."""
    baselines = {row.agent_id: row for row in AgentBaseline.objects.filter(agent__workspace_id=workspace_id)}
    newest = max((row.computed_at for row in baselines.values()), default=None)
    since = newest - _OVERLAP if newest is not None else now - LOOK_BACK
    AgentHabit.objects.bulk_create(list_recent_habits(workspace_id, since), ignore_conflicts=True, batch_size=500)
    if newest is None or (newest.date(), newest.hour) != (now.date(), now.hour):
        return _compute(workspace_id, baselines, now)
    if now - newest > _STALE:
        AgentBaseline.objects.filter(agent__workspace_id=workspace_id).update(computed_at=now)
    return baselines


def _compute(workspace_id: UUID, known: dict[UUID, AgentBaseline], now: datetime) -> dict[UUID, AgentBaseline]:
    pasts = get_pasts(workspace_id, now)
    rows = []
    for agent_id in Agent.objects.filter(workspace_id=workspace_id).values_list("pk", flat=True):
        past, row = pasts.get(agent_id), known.get(agent_id)
        first_at = past.first_at if past is not None and past.first_at is not None else now
        since = min(first_at, row.known_since) if row is not None else first_at
        per_hour = hourly_median(past.hours) if past is not None else None
        rows.append(AgentBaseline(agent_id=agent_id, per_hour=per_hour, known_since=since, computed_at=now))
    AgentBaseline.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["agent"],
        update_fields=["per_hour", "known_since", "computed_at"],
    )
    return {row.agent_id: row for row in rows}
