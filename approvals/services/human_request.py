"""A person's own request: the facts that it is judged on, its row and its first events."""

from datetime import datetime
from typing import Any
from uuid import UUID

from approvals.domain.judgement import Judgement, decision_columns, decision_event_data
from approvals.domain.patch import dump_patch
from approvals.models import AgentActionRequest
from approvals.services.events import request_event, system
from approvals.services.surroundings import Surroundings
from audit.domain.canonical import digest
from audit.domain.event import Actor, NewEvent
from governance.domain.facts import ConnectionFacts, EvidenceFacts, Facts, JsonValue, RecordFacts, RequestFacts


def make_human_facts(
    origin: AgentActionRequest,
    *,
    action: str,
    record_id: str,
    changes: dict[str, JsonValue],
    expected: dict[str, JsonValue],
    reason_code: str,
    around: Surroundings,
    record: RecordFacts | None,
    reverses: bool,
    now: datetime,
) -> Facts:
    """What policy sees of a person's request that follows from `origin` (workspace and connection joined): they are
    judged by their role, exempt from what stops and limits agents. `around` is what holds for that person."""
    return Facts(
        now=now,
        workspace=origin.workspace.slug,
        actor_type="human",
        agent=None,
        human_roles=around.roles,
        connection=ConnectionFacts(
            name=origin.connection.name,
            environment=origin.connection.environment,
            is_active=origin.connection.is_active,
        ),
        switches=around.switches,
        request=RequestFacts(
            action=action,
            object=origin.object_type,
            record_id=record_id,
            changes=changes,
            expected=expected,
            reason_code=reason_code,
            confidence=1.0,
            evidence=EvidenceFacts(),
            correlation_id=origin.correlation_id,
        ),
        record=record,
        reverses=reverses,
        closed_fields=around.list_closed(origin.connection_id, origin.object_type),
    )


def make_human_request(
    origin: AgentActionRequest,
    judgement: Judgement,
    policy_version_id: UUID | None,
    *,
    request_id: UUID,
    person_id: UUID,
    reason: str,
    cause: dict[str, str],
    now: datetime,
    reverses: AgentActionRequest | None = None,
) -> AgentActionRequest:
    """The unsaved row. `cause` names what the person acts on, like `{"reverses": id}`; its key is its own id."""
    asked = judgement.facts.request
    body: dict[str, Any] = {
        "action": asked.action,
        "changes": asked.changes,
        "expected": asked.expected,
        "justification": reason,
        "target": {"object": asked.object, "id": asked.record_id},
    } | cause
    columns = decision_columns(
        judgement, request_id=request_id, association=None, policy_version_id=policy_version_id, now=now
    )
    return AgentActionRequest(
        id=request_id,
        workspace=origin.workspace,
        connection=origin.connection,
        actor_type="human",
        person_id=person_id,
        reverses=reverses,
        idempotency_key=f"{asked.reason_code}:{request_id}",
        fingerprint=digest(body),
        correlation_id=origin.correlation_id,
        action=asked.action,
        object_type=asked.object,
        record_id=asked.record_id or "",
        target_object=asked.object,
        target_id=asked.record_id or "",
        body=body,
        status=judgement.status,
        status_code=judgement.code,
        created_at=now,
        **columns,
    )


def human_request_events(
    request: AgentActionRequest, judgement: Judgement, *, reason: str, cause: dict[str, str]
) -> list[NewEvent]:
    """`request.received` by the person, and `request.decided`."""
    asked = judgement.facts.request
    received = request_event(
        request,
        "request.received",
        Actor("human", str(request.person_id)),
        data={
            "action": asked.action,
            "connection": request.connection.name,
            "fields": sorted(asked.changes),
            "fingerprint": request.fingerprint,
            "object": asked.object,
            "record": asked.record_id,
        }
        | cause,
        values={"changes": asked.changes, "justification": reason},
    )
    decided = request_event(
        request,
        "request.decided",
        system("policy"),
        data=decision_event_data(judgement, digest=request.digest),
        values={"patch": dump_patch(judgement.decision.patch)} if judgement.decision.patch else None,
    )
    return [received, decided]
