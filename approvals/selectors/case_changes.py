"""Changes that an exception can lead to: found in the rows of governance, newer than the case (EXC-03)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from approvals.domain.exception_case import CaseOutcome
from governance.models import AgentVersion, FieldOwnership, Grant, PolicyVersion, Rule

_MOST = 20


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `reference` is what a form sends back: `rule:ID`."""

    reference: str
    words: str


@dataclass(frozen=True, slots=True)
class _Asked:
    workspace_id: UUID
    agent_id: UUID | None
    since: datetime


def find_change(
    *, workspace_id: UUID, outcome: CaseOutcome, kind: str, id_: str, agent_id: UUID | None, since: datetime
) -> bool | None:
    """Whether an outcome is linked to this change: True when it is there and newer, False when the outcome takes none,
    None when it takes one and this is none."""
    kinds = KINDS.get(outcome)
    if kinds is None:
        return False
    asked = _Asked(workspace_id, agent_id, since)
    return True if kind in kinds and any(id_ == known for known, _ in _SOURCES[kind](asked)) else None


def list_changes(
    *, workspace_id: UUID, agent_id: UUID | None, since: datetime
) -> dict[CaseOutcome, tuple[Change, ...]]:
    """What may be named now, outcome → changes, the newest first. One query a kind of change."""
    asked = _Asked(workspace_id, agent_id, since)
    found = {
        kind: [Change(f"{kind}:{id_}", words) for id_, words in source(asked)] for kind, source in _SOURCES.items()
    }
    return {outcome: tuple(change for kind in kinds for change in found[kind]) for outcome, kinds in KINDS.items()}


def _edited(
    model: type[Any], path: str, words: Callable[[Any], str], *joined: str
) -> Callable[[_Asked], list[tuple[str, str]]]:
    """Rows that were made or edited since, by their history; what was deleted meanwhile counts too."""

    def source(asked: _Asked) -> list[tuple[str, str]]:
        rows = model.history.filter(**{path: asked.workspace_id}, history_date__gte=asked.since)
        rows = rows.select_related(*joined) if joined else rows
        found: dict[str, str] = {}
        for row in rows.order_by("-history_date")[: 5 * _MOST]:
            found.setdefault(str(row.id), words(row))
        return list(found.items())[:_MOST]

    return source


def _versions(asked: _Asked) -> list[tuple[str, str]]:
    rows = PolicyVersion.objects.filter(workspace_id=asked.workspace_id, created_at__gte=asked.since)
    return [(str(row.pk), f"Policy version {row.number}") for row in rows.order_by("-number")[:_MOST]]


def _agent_versions(asked: _Asked) -> list[tuple[str, str]]:
    rows = AgentVersion.objects.filter(agent__workspace_id=asked.workspace_id, first_seen_at__gte=asked.since)
    if asked.agent_id is not None:
        rows = rows.filter(agent_id=asked.agent_id)
    found = rows.select_related("agent").order_by("-first_seen_at")[:_MOST]
    return [(str(row.pk), f"{row.agent.name}: {row.model}, {row.prompt_template}") for row in found]


_SOURCES: dict[str, Callable[[_Asked], list[tuple[str, str]]]] = {
    "rule": _edited(Rule, "workspace_id", lambda row: f"Rule “{row.name}”"),
    "grant": _edited(Grant, "agent__workspace_id", lambda row: f"Grant: {row.action} on {row.object_type}"),
    "matrix": _edited(
        FieldOwnership,
        "field__connection__workspace_id",
        lambda row: f"Matrix: {row.field.object_type}.{row.field.name}",
        "field",
    ),
    "policy": _versions,
    "agent": _agent_versions,
}
KINDS: dict[CaseOutcome, tuple[str, ...]] = {
    CaseOutcome.NEW_RULE: ("rule", "policy"),
    CaseOutcome.PERMISSION_CHANGE: ("grant", "matrix", "policy"),
    CaseOutcome.PROMPT_CHANGE: ("agent",),
}
"""Outcomes that say that something was changed, and what that can be."""
