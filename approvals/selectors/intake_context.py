"""What intake must know before it judges, in one statement: this is the hot path of every proposal."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from approvals.domain.limits import MAX_WAITING_PER_AGENT
from audit.selectors.prepared import prepared_cursor
from governance.domain.facts import SwitchFacts
from governance.domain.vocabulary import SwitchKind

_TEMPLATE = """
SELECT c.id, c.kind, c.environment, c.is_active, p.id, p.digest,
       NOT EXISTS (SELECT 1 FROM governance_grant g
                   WHERE g.agent_id = %s AND g.connection_id = c.id AND g.object_type = %s AND g.action = %s
                     AND NOT g.is_withdrawn),
       (SELECT r.id FROM approvals_agentactionrequest r WHERE r.agent_id = %s AND r.idempotency_key = %s),
       EXISTS (SELECT 1 FROM approvals_agentactionrequest w
               WHERE w.agent_id = %s AND w.status IN ('evaluating', 'pending') LIMIT 1 OFFSET %s),
       (SELECT {join}(k.kind, ',') FROM governance_killswitch k
        WHERE k.workspace_id = c.workspace_id AND k.lifted_at IS NULL AND (k.agent_id IS NULL OR k.agent_id = %s))
FROM governance_connection c
LEFT JOIN governance_policyversion p ON p.id = (
    SELECT f.version_id FROM governance_policyrelease f
    WHERE f.workspace_id = c.workspace_id AND f.environment = c.environment ORDER BY f.number DESC LIMIT 1)
WHERE c.workspace_id = %s AND c.name = %s
"""
_SQL = {
    "postgresql": _TEMPLATE.format(join="string_agg"),
    "sqlite": _TEMPLATE.format(join="group_concat"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeContext:
    """`policy_*` are None where nothing was released yet. `earlier_id` is the request that has this idempotency key."""

    connection_id: UUID
    connection_kind: str
    environment: str
    is_connection_active: bool
    policy_version_id: UUID | None
    policy_digest: str | None
    is_grant_withdrawn: bool
    earlier_id: UUID | None
    is_at_limit: bool
    switches: SwitchFacts


def get_intake_context(
    *, workspace_id: UUID, agent_id: UUID, connection_name: str, object_type: str, action: str, idempotency_key: str
) -> IntakeContext | None:
    """The connection in this workspace and everything that hangs on it; None when there is no such connection."""
    agent = _bind(agent_id)
    parameters = [
        *(agent, object_type, action),
        *(agent, idempotency_key),
        *(agent, MAX_WAITING_PER_AGENT - 1),
        agent,
        *(_bind(workspace_id), connection_name),
    ]
    with prepared_cursor() as cursor:
        cursor.execute(_SQL[connection.vendor], parameters)
        row = cursor.fetchone()
    if row is None:
        return None
    return IntakeContext(
        connection_id=_read(row[0]),
        connection_kind=row[1],
        environment=row[2],
        is_connection_active=bool(row[3]),
        policy_version_id=_read(row[4]) if row[4] is not None else None,
        policy_digest=row[5],
        is_grant_withdrawn=bool(row[6]),
        earlier_id=_read(row[7]) if row[7] is not None else None,
        is_at_limit=bool(row[8]),
        switches=_switches(row[9]),
    )


def _switches(kinds: str | None) -> SwitchFacts:
    """The switches in force, from their kinds with commas between."""
    engaged = frozenset(kinds.split(",")) if kinds else frozenset()
    return SwitchFacts(
        is_all_stopped=SwitchKind.ALL in engaged,
        is_agent_stopped=SwitchKind.AGENT in engaged,
        is_write_back_off=SwitchKind.WRITE_BACK in engaged,
        is_send_off=SwitchKind.SEND in engaged,
        is_enroll_off=SwitchKind.ENROLL in engaged,
        is_read_only=SwitchKind.READ_ONLY in engaged,
    )


def _bind(value: UUID) -> UUID | str:
    return value if connection.features.has_native_uuid_field else value.hex


def _read(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
