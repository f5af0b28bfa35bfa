"""A bulk revert's choice in words."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from approvals.domain.bulk_choice import Choice, load_choice
from governance.models import Agent, PolicyVersion


def describe_choice(stored: Mapping[str, Any], *, workspace_id: UUID) -> tuple[str, ...]:
    """A line for each criterion. Two queries at most."""
    choice = load_choice(stored)
    return tuple(line for line in _lines(choice, workspace_id) if line)


def _lines(choice: Choice, workspace_id: UUID) -> list[str]:
    return [
        f"the last {choice.last:,} changes" if choice.last else "all changes",
        _agent(choice, workspace_id),
        f"executed from {choice.since:%d %b %Y %H:%M} UTC" if choice.since else "",
        f"executed until {choice.until:%d %b %Y %H:%M} UTC" if choice.until else "",
        f"with correlation id {choice.correlation_id}" if choice.correlation_id else "",
        f"of batch {choice.batch}" if choice.batch else "",
        _policy(choice, workspace_id),
        f"what bulk revert {choice.bulk_revert} took back" if choice.bulk_revert else "",
    ]


def _agent(choice: Choice, workspace_id: UUID) -> str:
    if choice.agent is None:
        return ""
    name = Agent.objects.filter(pk=choice.agent, workspace_id=workspace_id).values_list("name", flat=True).first()
    return f"by {name or 'an agent that does not exist'}"


def _policy(choice: Choice, workspace_id: UUID) -> str:
    if choice.policy_version is None:
        return ""
    rows = PolicyVersion.objects.filter(pk=choice.policy_version, workspace_id=workspace_id)
    number = rows.values_list("number", flat=True).first()
    return f"decided under policy version {number}" if number else "decided under a policy version that does not exist"
