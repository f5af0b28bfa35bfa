"""A bulk revert's choice in words."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from approvals.domain.bulk_choice import Choice, load_choice
from governance.models import Agent, PolicyVersion

Words = tuple[str, ...]


def describe_choice(stored: Mapping[str, Any], *, workspace_id: UUID) -> Words:
    """A line for each criterion. Two queries at most."""
    return describe_choices([stored], workspace_id=workspace_id)[0]


def describe_choices(stored: Sequence[Mapping[str, Any]], *, workspace_id: UUID) -> tuple[Words, ...]:
    """A line for each criterion of each. Two queries at most, however many there are."""
    choices = [load_choice(item) for item in stored]
    agents = _agents({choice.agent for choice in choices if choice.agent}, workspace_id)
    versions = _versions({choice.policy_version for choice in choices if choice.policy_version}, workspace_id)
    return tuple(tuple(line for line in _lines(choice, agents, versions) if line) for choice in choices)


def _lines(choice: Choice, agents: Mapping[UUID, str], versions: Mapping[UUID, int]) -> list[str]:
    return [
        f"the last {choice.last:,} changes" if choice.last else "all changes",
        _agent(choice, agents),
        f"executed from {choice.since:%d %b %Y %H:%M} UTC" if choice.since else "",
        f"executed until {choice.until:%d %b %Y %H:%M} UTC" if choice.until else "",
        f"with correlation id {choice.correlation_id}" if choice.correlation_id else "",
        f"of batch {choice.batch}" if choice.batch else "",
        _policy(choice, versions),
        f"what bulk revert {choice.bulk_revert} took back" if choice.bulk_revert else "",
    ]


def _agent(choice: Choice, agents: Mapping[UUID, str]) -> str:
    return f"by {agents.get(choice.agent, 'an agent that does not exist')}" if choice.agent else ""


def _policy(choice: Choice, versions: Mapping[UUID, int]) -> str:
    if choice.policy_version is None:
        return ""
    number = versions.get(choice.policy_version)
    return f"decided under policy version {number}" if number else "decided under a policy version that does not exist"


def _agents(ids: set[UUID], workspace_id: UUID) -> dict[UUID, str]:
    rows = Agent.objects.filter(pk__in=ids, workspace_id=workspace_id)
    return dict(rows.values_list("pk", "name")) if ids else {}


def _versions(ids: set[UUID], workspace_id: UUID) -> dict[UUID, int]:
    rows = PolicyVersion.objects.filter(pk__in=ids, workspace_id=workspace_id)
    return dict(rows.values_list("pk", "number")) if ids else {}
