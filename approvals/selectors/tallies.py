"""What circuit breakers count, in one statement a signal, however many breakers there are (LIM-04).

Every branch walks a stretch of primary keys, which are ordered by time; no table has an index for this alone.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from approvals.domain.status import Status
from approvals.domain.withdrawn import JUDGED_ANEW
from audit.domain.identifier import first_id_at
from audit.services.rows import time_value, uuid_value
from governance.domain.action_class import SENDS
from governance.domain.breaker import Tally
from governance.domain.document import BreakerRule
from governance.domain.vocabulary import BreakerSignal

_CHUNK = 50  # SQLite joins at most 500 selects, and some branches hold two
_CLOCKS = timedelta(minutes=1)
"""How far the clock that made an id may be from the database's."""

STOPPED_CODES = (
    "budget_exhausted",
    "breaker_open",
    "stopped_all",
    "stopped_agent",
    "write_back_off",
    "send_off",
    "enroll_off",
    "read_only_mode",
)
"""Denials that say nothing about what was proposed: a stop or a limit made them."""

_WITHOUT_EFFECT = (Status.DENIED, Status.EXPIRED, Status.CANCELLED, Status.CONFLICT, Status.FAILED)
_SPENT = {
    "postgresql": "CAST(r.body::jsonb -> 'usage' ->> 'spend_micros' AS bigint)",
    "sqlite": "CAST(json_extract(r.body, '$.usage.spend_micros') AS INTEGER)",
}
_CURRENCY = {
    "postgresql": "COALESCE(r.body::jsonb -> 'usage' ->> 'currency', 'USD')",
    "sqlite": "COALESCE(json_extract(r.body, '$.usage.currency'), 'USD')",
}


@dataclass(frozen=True, slots=True)
class Question:
    """One breaker and from when on its calls count."""

    rule: BreakerRule
    since: datetime


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of SQL with its parameters."""

    sql: str
    parameters: list[Any]


def count_tallies(workspace_id: UUID, questions: Iterable[Question]) -> dict[str, Tally]:
    """Breaker → what was counted. A query for each kind of signal."""
    by_source: dict[Callable[[UUID, Question], _Part], list[Question]] = {}
    for question in questions:
        by_source.setdefault(_SOURCES[BreakerSignal(question.rule.signal)], []).append(question)
    found: dict[str, Tally] = {}
    for source, asked in by_source.items():
        for start in range(0, len(asked), _CHUNK):
            found.update(_fetch([source(workspace_id, question) for question in asked[start : start + _CHUNK]]))
    return found


def _fetch(parts: Sequence[_Part]) -> Iterator[tuple[str, Tally]]:
    statement = " UNION ALL ".join(part.sql for part in parts)
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for part in parts for value in part.parameters])
        rows = cursor.fetchall()
    for name, calls, bad in rows:
        yield name, Tally(int(calls), int(bad or 0))


def _attempts(workspace_id: UUID, question: Question) -> _Part:
    """Attempts that ended. A conflict and a stop are no errors: the record moved, or a person said no; what the second
    gate gave back never reached the CRM."""
    scope = _scope(workspace_id, question)
    sql = f"""
        SELECT %s, COUNT(*), SUM(CASE WHEN a.error_code <> '' AND r.status NOT IN (%s, %s) THEN 1 ELSE 0 END)
        FROM approvals_attempt a JOIN approvals_agentactionrequest r ON r.id = a.request_id {_JOINED}
        WHERE a.id >= %s AND a.claimed_at >= %s AND a.finished_at IS NOT NULL
          AND a.error_code NOT IN ({", ".join(["%s"] * len(JUDGED_ANEW))}) AND {scope.sql}"""  # noqa: S608 - ours
    harmless = [Status.CONFLICT.value, Status.CANCELLED.value]
    parameters = [*harmless, *_from(question), *sorted(JUDGED_ANEW), *scope.parameters]
    return _Part(sql, [question.rule.name, *parameters])


def _decisions(workspace_id: UUID, question: Question) -> _Part:
    """Decisions, what a stop or a limit refused left out."""
    scope = _scope(workspace_id, question)
    sql = f"""
        SELECT %s, COUNT(*), SUM(CASE WHEN r.status = 'denied' THEN 1 ELSE 0 END)
        FROM approvals_agentactionrequest r {_JOINED}
        WHERE r.id >= %s AND r.created_at >= %s AND r.decided_at IS NOT NULL AND r.actor_type = 'agent'
          AND r.status_code NOT IN ({", ".join(["%s"] * len(STOPPED_CODES))}) AND {scope.sql}"""  # noqa: S608 - ours
    return _Part(sql, [question.rule.name, *_from(question), *STOPPED_CODES, *scope.parameters])


def _messages(workspace_id: UUID, question: Question) -> _Part:
    """What was sent, and what was reported in the same time, of whatever age the message is."""
    scope = _scope(workspace_id, question, among=SENDS)
    sent = f"""
        SELECT COUNT(*) FROM approvals_attempt a JOIN approvals_agentactionrequest r ON r.id = a.request_id {_JOINED}
        WHERE a.id >= %s AND a.claimed_at >= %s AND a.finished_at IS NOT NULL AND a.error_code = '' AND {scope.sql}"""  # noqa: S608 - ours
    reported = f"""
        SELECT COUNT(*) FROM approvals_deliveryreport d
        JOIN approvals_agentactionrequest r ON r.id = d.request_id {_JOINED}
        WHERE d.id >= %s AND d.reported_at >= %s AND d.kind = %s AND {scope.sql}"""  # noqa: S608 - ours
    kind = "bounce" if question.rule.signal == BreakerSignal.BOUNCES else "complaint"
    parameters = [*_from(question), *scope.parameters, *_from(question), kind, *scope.parameters]
    return _Part(f"SELECT %s, ({sent}), ({reported})", [question.rule.name, *parameters])


def _spending(workspace_id: UUID, question: Question) -> _Part:
    """What requests cost that may still have an effect, or had one: what never happens was given back."""
    scope = _scope(workspace_id, question)
    spent, currency = _SPENT[connection.vendor], _CURRENCY[connection.vendor]
    sql = f"""
        SELECT %s, COUNT(*), SUM({spent}) FROM approvals_agentactionrequest r {_JOINED}
        WHERE r.id >= %s AND r.created_at >= %s AND r.actor_type = 'agent' AND {spent} > 0 AND {currency} = %s
          AND r.status NOT IN ({", ".join(["%s"] * len(_WITHOUT_EFFECT))}) AND {scope.sql}"""  # noqa: S608 - ours
    ended = [status.value for status in _WITHOUT_EFFECT]
    parameters = [question.rule.name, *_from(question), question.rule.currency, *ended, *scope.parameters]
    return _Part(sql, parameters)


_JOINED = "JOIN governance_connection c ON c.id = r.connection_id JOIN governance_agent g ON g.id = r.agent_id"
_SOURCES: dict[BreakerSignal, Callable[[UUID, Question], _Part]] = {
    BreakerSignal.ERRORS: _attempts,
    BreakerSignal.DENIALS: _decisions,
    BreakerSignal.BOUNCES: _messages,
    BreakerSignal.COMPLAINTS: _messages,
    BreakerSignal.SPEND: _spending,
}


def _from(question: Question) -> list[Any]:
    return [uuid_value(first_id_at(question.since - _CLOCKS)), time_value(question.since)]


def _scope(workspace_id: UUID, question: Question, *, among: Iterable[str] = ()) -> _Part:
    """Whom the breaker watches."""
    rule = question.rule
    sql, parameters = "r.workspace_id = %s AND c.environment = %s", [uuid_value(workspace_id), rule.environment]
    if rule.agent:
        sql, parameters = f"{sql} AND g.name = %s", [*parameters, rule.agent]
    actions = [str(action) for action in rule.actions] or sorted(str(action) for action in among)
    if actions:
        sql, parameters = f"{sql} AND r.action IN ({', '.join(['%s'] * len(actions))})", [*parameters, *actions]
    return _Part(sql, parameters)
