"""Changes that an exception can lead to: found in the rows of governance, newer than the case (EXC-03)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from approvals.domain.exception_case import CaseOutcome
from governance.models import AgentVersion, FieldOwnership, Grant, PolicyVersion, Rule

_MOST = 20
_Rows = QuerySet[Any, tuple[Any, ...]]


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
    if outcome not in KINDS:
        return False
    changes = list_changes(workspace_id=workspace_id, agent_id=agent_id, since=since)[outcome]
    return True if any(change.reference == f"{kind}:{id_}" for change in changes) else None


def list_changes(
    *, workspace_id: UUID, agent_id: UUID | None, since: datetime
) -> dict[CaseOutcome, tuple[Change, ...]]:
    """What may be named now, outcome → changes, the newest first. One query for all kinds of change."""
    asked = _Asked(workspace_id, agent_id, since)
    found: dict[str, dict[str, Change]] = {kind: {} for kind in _SOURCES}
    for kind, id_, first, second, third in _fetch({kind: source(asked) for kind, source in _SOURCES.items()}):
        reference = f"{kind}:{UUID(id_)}"
        found[kind].setdefault(reference, Change(reference, _SAID[kind].format(first, second, third)))
    changes = {kind: tuple(islice(named.values(), _MOST)) for kind, named in found.items()}
    return {outcome: tuple(change for kind in kinds for change in changes[kind]) for outcome, kinds in KINDS.items()}


def _fetch(sources: Mapping[str, _Rows]) -> list[tuple[str, ...]]:
    """The rows of all kinds by one statement, the newest first: kind, id and three texts."""
    told = {kind: rows.query.sql_with_params() for kind, rows in sources.items()}
    parts = (f"SELECT '{kind}' AS label, s.* FROM ({statement}) AS s" for kind, (statement, _) in told.items())  # noqa: S608  # our own names
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), [value for _, values in told.values() for value in values])
        rows = sorted(cursor.fetchall(), key=lambda row: row[5], reverse=True)
    return [row[:5] for row in rows]


def _edited(model: type[Any], path: str, *texts: str) -> Callable[[_Asked], _Rows]:
    """Rows that were made or edited since, by their history; what was deleted meanwhile counts too."""

    def source(asked: _Asked) -> _Rows:
        rows = model.history.filter(**{path: asked.workspace_id}, history_date__gte=asked.since)
        return _texts(rows, "id", *texts, moment="history_date")[: 5 * _MOST]

    return source


def _versions(asked: _Asked) -> _Rows:
    rows = PolicyVersion.objects.filter(workspace_id=asked.workspace_id, created_at__gte=asked.since)
    return _texts(rows, "pk", "number", moment="created_at")[:_MOST]


def _agent_versions(asked: _Asked) -> _Rows:
    rows = AgentVersion.objects.filter(agent__workspace_id=asked.workspace_id, first_seen_at__gte=asked.since)
    if asked.agent_id is not None:
        rows = rows.filter(agent_id=asked.agent_id)
    return _texts(rows, "pk", "agent__name", "model", "prompt_template", moment="first_seen_at")[:_MOST]


def _texts(rows: QuerySet[Any], *names: str, moment: str) -> _Rows:
    """Four texts and a moment, the newest first."""
    asked: list[Combinable] = [Cast(F(name), TextField()) for name in names]
    asked += [Value("", output_field=TextField())] * (4 - len(asked))
    told = {f"text_{place}": text for place, text in enumerate(asked)}
    found: _Rows = rows.annotate(**told, moment=F(moment)).order_by(f"-{moment}").values_list(*told, "moment")
    return found


_SOURCES: dict[str, Callable[[_Asked], _Rows]] = {
    "rule": _edited(Rule, "workspace_id", "name"),
    "grant": _edited(Grant, "agent__workspace_id", "action", "object_type"),
    "matrix": _edited(FieldOwnership, "field__connection__workspace_id", "field__object_type", "field__name"),
    "policy": _versions,
    "agent": _agent_versions,
}
_SAID = {
    "rule": "Rule “{}”",
    "grant": "Grant: {} on {}",
    "matrix": "Matrix: {}.{}",
    "policy": "Policy version {}",
    "agent": "{}: {}, {}",
}
KINDS: dict[CaseOutcome, tuple[str, ...]] = {
    CaseOutcome.NEW_RULE: ("rule", "policy"),
    CaseOutcome.PERMISSION_CHANGE: ("grant", "matrix", "policy"),
    CaseOutcome.PROMPT_CHANGE: ("agent",),
}
"""Outcomes that say that something was changed, and what that can be."""
