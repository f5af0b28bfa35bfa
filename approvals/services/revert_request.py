"""The request that takes another one back: a person's, judged by their role."""

from datetime import datetime
from typing import Any
from uuid import UUID

from approvals.domain.judgement import Judgement, broken_decision, decision_columns, decision_event_data, judge_outcome
from approvals.domain.patch import dump_patch
from approvals.domain.three_way import ThreeWay
from approvals.models import AgentActionRequest
from approvals.services.events import request_event, system
from approvals.services.gathering import read_switches
from approvals.services.judging import NO_POLICY, load_index
from approvals.services.recheck import human_roles
from audit.domain.canonical import digest
from audit.domain.event import Actor, NewEvent
from audit.domain.identifier import new_id
from crm_connectors.domain.record import Record
from governance.domain.engine import decide
from governance.domain.facts import ConnectionFacts, EvidenceFacts, Facts, RecordFacts, RequestFacts
from governance.selectors.closed_fields import list_closed_fields
from governance.selectors.releases import get_release


def judge_revert(
    original: AgentActionRequest,
    action: str,
    record: Record,
    fields: tuple[ThreeWay, ...],
    *,
    person_id: UUID,
    now: datetime,
) -> tuple[Judgement, UUID | None]:
    """The engine's word on putting `fields` back (`update`) or taking the record away (`delete`), and the policy's id.

    The inverse patch expects our own value: it never overwrites what someone else wrote since.
    """
    is_update = action == "update"
    facts = Facts(
        now=now,
        workspace=original.workspace.slug,
        actor_type="human",
        agent=None,
        human_roles=human_roles(original.workspace_id, person_id),
        connection=ConnectionFacts(
            name=original.connection.name,
            environment=original.connection.environment,
            is_active=original.connection.is_active,
        ),
        switches=read_switches(workspace_id=original.workspace_id, agent_id=None),
        request=RequestFacts(
            action=action,
            object=original.object_type,
            record_id=record.id,
            changes={row.field: row.before for row in fields} if is_update else {},
            expected={row.field: row.ours for row in fields} if is_update else {},
            reason_code="revert",
            confidence=1.0,
            evidence=EvidenceFacts(),
            correlation_id=original.correlation_id,
        ),
        record=RecordFacts(exists=True, version=record.version, values=record.values),
        reverses=True,
        closed_fields=list_closed_fields(connection_id=original.connection_id, object_type=original.object_type),
    )
    release = get_release(original.workspace_id, original.connection.environment)
    if release is None:
        return judge_outcome(NO_POLICY, facts), None
    index = load_index(release.version.digest)
    return judge_outcome(decide(index, facts) if index else broken_decision(), facts), release.version_id


def make_revert(
    original: AgentActionRequest,
    judgement: Judgement,
    policy_version_id: UUID | None,
    *,
    person_id: UUID,
    reason: str,
    now: datetime,
) -> AgentActionRequest:
    """The unsaved row of a revert. Its key is its own id: what keeps reverts single is the index on `reverses`."""
    asked, request_id = judgement.facts.request, new_id()
    body: dict[str, Any] = {
        "action": asked.action,
        "changes": asked.changes,
        "expected": asked.expected,
        "justification": reason,
        "reverses": str(original.pk),
        "target": {"object": asked.object, "id": asked.record_id},
    }
    columns = decision_columns(
        judgement, request_id=request_id, association=None, policy_version_id=policy_version_id, now=now
    )
    return AgentActionRequest(
        id=request_id,
        workspace=original.workspace,
        connection=original.connection,
        actor_type="human",
        person_id=person_id,
        reverses=original,
        idempotency_key=f"revert:{request_id}",
        fingerprint=digest(body),
        correlation_id=original.correlation_id,
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


def revert_events(request: AgentActionRequest, judgement: Judgement, reason: str) -> list[NewEvent]:
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
            "reverses": str(request.reverses_id),
        },
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
