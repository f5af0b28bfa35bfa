"""What intake must know before it judges, in one statement: this is the hot path of every proposal."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from operator import itemgetter
from typing import Any
from uuid import UUID

import msgspec
import structlog
from django.db import connection

from approvals.domain.ask import written_id, written_object
from approvals.domain.limits import MAX_WAITING_PER_AGENT
from approvals.domain.proposed import Proposed
from audit.selectors.prepared import fetch_first, prepared_cursor
from audit.services.rows import time_value
from crm_connectors.selectors.embedded_read import (
    RECORD_COLUMNS,
    RECORD_JOIN,
    RECORD_WIDTH,
    StoredRecord,
    dump_names,
    is_record_id,
    read_stored,
)
from governance.domain.budget_claims import record_value
from governance.domain.budget_state import KnownCounters
from governance.domain.budget_window import window_start
from governance.domain.facts import BreakerFacts, ClosedField, SwitchFacts
from governance.domain.principal import Principal
from governance.domain.vocabulary import BudgetWindow, SwitchKind
from governance.selectors.principal import (
    PRINCIPAL_COLUMNS,
    PRINCIPAL_QUERIES,
    PRINCIPAL_WIDTH,
    find_principal,
    read_principal,
    token_checksum,
)

log = structlog.get_logger(__name__)

_TEMPLATE = """
SELECT c.id, c.kind, c.environment, c.is_active, p.id, p.digest,
       NOT EXISTS (SELECT 1 FROM governance_grant g
                   WHERE g.agent_id = {agent} AND g.connection_id = c.id AND g.object_type = %s AND g.action = %s
                     AND NOT g.is_withdrawn AND g.id < p.id),
       (SELECT {join}(f.review_state || ' ' || f.name, '\n') FROM governance_registeredfield f
        WHERE f.connection_id = c.id AND f.object_type = %s AND f.was_reviewed AND f.review_state <> 'reviewed'),
       (SELECT r.id FROM approvals_agentactionrequest r WHERE r.agent_id = {agent} AND r.idempotency_key = %s),
       EXISTS (SELECT 1 FROM approvals_agentactionrequest r
               WHERE r.agent_id = {agent} AND r.status IN ('evaluating', 'pending') AND r.actor_type = 'agent'
               LIMIT 1 OFFSET %s),
       (SELECT {join}(k.kind, ',') FROM governance_killswitch k
        WHERE k.workspace_id = c.workspace_id AND k.lifted_at IS NULL AND (k.agent_id IS NULL OR k.agent_id = {agent})),
       (SELECT {collect} FROM governance_budgetcounter n
        WHERE n.workspace_id = c.workspace_id AND n.value IN ({name}, {slug}, %s) AND n.starts_at IN ({starts})
          AND n.starts_at = CASE n."window" {begun} END),
       (SELECT {join}(b.name || ' ' || {opened_at}, ',') FROM governance_breakerstate b
        WHERE b.workspace_id = c.workspace_id AND b.opened_at IS NOT NULL),
       (SELECT u.per_hour FROM governance_agentbaseline u WHERE u.agent_id = {agent}),
       {record_columns}
FROM governance_connection c
{record_join}
LEFT JOIN governance_policyversion p ON p.id = (
    SELECT f.version_id FROM governance_policyrelease f
    WHERE f.workspace_id = c.workspace_id AND f.environment = c.environment ORDER BY f.number DESC LIMIT 1)
WHERE c.workspace_id = {workspace} AND c.name = %s
"""
_WIDTH = 14  # columns before those of the record
_JOIN_KINDS = {"postgresql": "string_agg", "sqlite": "group_concat"}
_COLLECT = {
    "postgresql": 'json_agg(json_build_array(n.key, n.value, n.unit, n."window", n.used))::text',
    "sqlite": 'json_group_array(json_array(n.key, n.value, n.unit, n."window", n.used))',
}
_EPOCH = "'1970-01-01T00:00:00Z'::timestamptz"
_STARTS_BY_CLOCK = [f"date_bin('1 {window.value}', who.clock, {_EPOCH})" for window in BudgetWindow]
_OPENED_AT = {
    "postgresql": "to_char(b.opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
    "sqlite": "b.opened_at",
}


class IntakeContext(msgspec.Struct, frozen=True, kw_only=True):
    """`policy_*` are None where nothing was released yet. `earlier_id` is the request that has this idempotency key.
    `counters` are those of the agent, its workspace and the record; `record` is what the embedded CRM holds, None for a
    record of another CRM or of none.
    """

    connection_id: UUID
    connection_kind: str
    environment: str
    is_connection_active: bool
    policy_version_id: UUID | None
    policy_digest: str | None
    is_grant_withdrawn: bool
    closed_fields: tuple[ClosedField, ...]
    earlier_id: UUID | None
    is_at_limit: bool
    switches: SwitchFacts
    counters: KnownCounters
    record: StoredRecord | None


class ContextKey(msgspec.Struct, frozen=True, kw_only=True):
    """What of a proposal its context hangs on. `changed` are the fields of the record that it would write."""

    connection_name: str
    object_type: str
    action: str
    idempotency_key: str
    record: str
    record_number: int | None
    changed: tuple[str, ...]


def context_key(proposal: Proposed, *, idempotency_key: str = "") -> ContextKey:
    """The key of a proposal; a preview has no idempotency key of its own."""
    object_type, record_id = written_object(proposal), written_id(proposal)
    return ContextKey(
        connection_name=proposal.connection,
        object_type=object_type,
        action=proposal.action,
        idempotency_key=idempotency_key,
        record=record_value(proposal.connection, object_type, record_id),
        record_number=int(record_id) if is_record_id(record_id) else None,
        changed=tuple(proposal.changes) if record_id else (),
    )


def shared_key(proposal: Proposed) -> ContextKey:
    """The key that proposals of one action on one object share, as the items of a batch do."""
    return msgspec.structs.replace(context_key(proposal), record="", record_number=None, changed=())


def get_intake_context(principal: Principal, *, key: ContextKey, now: datetime) -> IntakeContext | None:
    """The connection in this workspace and everything that hangs on it; None when there is no such connection."""
    with prepared_cursor() as cursor:
        cursor.execute(_statement(connection.vendor), _parameters(principal, key, now))
        row = cursor.fetchone()
    return _read_context(row, principal, key) if row is not None else None


def find_principal_in_context(token: str, key: ContextKey) -> tuple[Principal, IntakeContext | None] | None:
    """The agent behind a token with the context of its proposal; None for a token that is not good.

    On PostgreSQL one statement: the first of the two round trips that every proposal would begin with is saved.
    """
    if connection.vendor != "postgresql":
        principal = find_principal(token)
        if principal is None:
            return None
        return principal, get_intake_context(principal, key=key, now=principal.now)
    checksum = token_checksum(token)
    row = fetch_first(_joined_statement(), [checksum, *_joined_parameters(key)]) if checksum else None
    principal = read_principal(row[-PRINCIPAL_WIDTH:]) if row is not None else None
    if row is None or principal is None:
        return None
    return principal, _read_context(row, principal, key) if row[0] is not None else None


@cache
def _statement(vendor: str) -> str:
    starts = ["%s"] * len(BudgetWindow)
    return _fill(vendor, agent="%s", workspace="%s", name="%s", slug="%s", starts=starts)


@cache
def _joined_statement() -> str:
    """MATERIALIZED: the planner shall find the one principal first, whatever it believes about small tables."""
    names = {"agent": "who.agent_id", "workspace": "who.workspace_id", "name": "who.name", "slug": "who.slug"}
    context = _fill("postgresql", starts=_STARTS_BY_CLOCK, **names)
    who = PRINCIPAL_QUERIES["postgresql"]
    joined = f"who LEFT JOIN LATERAL ({context}) x ON TRUE"
    told = PRINCIPAL_COLUMNS["postgresql"]
    return f"WITH who AS MATERIALIZED ({who}) SELECT x.*, {told} FROM {joined}"  # noqa: S608  # our own statements


def _fill(vendor: str, *, starts: list[str], **names: str) -> str:
    """An hour may begin with its day: a counter is known by its window as well as by its start."""
    return _TEMPLATE.format(
        starts=", ".join(starts),
        begun=" ".join(
            f"WHEN '{window.value}' THEN {start}" for window, start in zip(BudgetWindow, starts, strict=True)
        ),
        join=_JOIN_KINDS[vendor],
        collect=_COLLECT[vendor],
        opened_at=_OPENED_AT[vendor],
        record_columns=RECORD_COLUMNS[vendor],
        record_join=RECORD_JOIN,
        **names,
    )


def _parameters(principal: Principal, key: ContextKey, now: datetime) -> list[Any]:
    """In the order of _TEMPLATE."""
    agent = _bind(principal.agent_id)
    starts = [time_value(window_start(window, now)) for window in BudgetWindow]
    return [
        *(agent, key.object_type, key.action, key.object_type),
        *(agent, key.idempotency_key),
        *(agent, MAX_WAITING_PER_AGENT - 1),
        agent,
        *(principal.agent_name, principal.workspace_slug, key.record),
        *(starts * 2),
        agent,
        *(dump_names(key.changed), key.object_type, key.record_number),
        *(_bind(principal.workspace_id), key.connection_name),
    ]


def _joined_parameters(key: ContextKey) -> list[Any]:
    """In the order of _TEMPLATE, without what the statement knows by itself."""
    waiting = MAX_WAITING_PER_AGENT - 1
    object_type, action = key.object_type, key.action
    return [
        *(object_type, action, object_type, key.idempotency_key, waiting, key.record),
        *(dump_names(key.changed), object_type, key.record_number, key.connection_name),
    ]


def _read_context(row: Sequence[Any], principal: Principal, key: ContextKey) -> IntakeContext:
    return IntakeContext(
        connection_id=_read(row[0]),
        connection_kind=row[1],
        environment=row[2],
        is_connection_active=bool(row[3]),
        policy_version_id=_read(row[4]) if row[4] is not None else None,
        policy_digest=row[5],
        is_grant_withdrawn=bool(row[6]),
        closed_fields=_closed(row[7]) if row[7] else (),
        earlier_id=_read(row[8]) if row[8] is not None else None,
        is_at_limit=bool(row[9]),
        switches=_switches(row[10], row[12], row[13]),
        counters=_counters(row[11], frozenset((principal.agent_name, principal.workspace_slug, key.record))),
        record=read_stored(row[_WIDTH : _WIDTH + RECORD_WIDTH], key.object_type, key.changed),
    )


def _counters(rows: str | None, values: frozenset[str]) -> KnownCounters:
    counted = {(key, value, unit, window): used for key, value, unit, window, used in json.loads(rows or "[]")}
    return KnownCounters(values, counted)


def _closed(lines: str) -> tuple[ClosedField, ...]:
    """The closed fields of the written object, from lines of state and name; by name, so that facts are the same."""
    found = (line.split(" ", 1) for line in lines.split("\n"))
    return tuple(ClosedField(name, state) for state, name in sorted(found, key=itemgetter(1)))


def _switches(kinds: str | None, breakers: str | None, usual: int | None) -> SwitchFacts:
    """The switches in force and the breakers that are not closed, each list with commas between; what is usual."""
    engaged = frozenset(kinds.split(",")) if kinds else frozenset()
    return SwitchFacts(
        is_all_stopped=SwitchKind.ALL in engaged,
        is_agent_stopped=SwitchKind.AGENT in engaged,
        is_write_back_off=SwitchKind.WRITE_BACK in engaged,
        is_send_off=SwitchKind.SEND in engaged,
        is_enroll_off=SwitchKind.ENROLL in engaged,
        is_read_only=SwitchKind.READ_ONLY in engaged,
        breakers=_breakers(breakers) if breakers else (),
        usual=usual,
    )


def _breakers(text: str) -> tuple[BreakerFacts, ...] | None:
    """None for what cannot be read: then the check denies."""
    found = []
    try:
        for entry in sorted(text.split(",")):
            name, opened_at = entry.split(" ", 1)
            found.append(BreakerFacts(name, datetime.fromisoformat(opened_at).replace(tzinfo=UTC)))
    except ValueError:
        log.exception("the circuit breakers could not be read")
        return None
    return tuple(found)


def _bind(value: UUID) -> UUID | str:
    return value if connection.features.has_native_uuid_field else value.hex


def _read(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
