"""A new request's row and first events, made from what was gathered and judged. Writes nothing itself."""

from typing import Any
from uuid import UUID

from approvals.domain.ask import written_id, written_object
from approvals.domain.judgement import Judgement, decision_event_data, first_columns
from approvals.domain.on_record import context_on_record, declared_on_record
from approvals.domain.patch import dump_patch
from approvals.domain.proposed import Proposed
from approvals.domain.status import Status
from approvals.models import AgentActionRequest, RequestBatch
from approvals.services.dnc import dnc_events
from approvals.services.gathering import Gathered
from audit.domain.event import Actor, NewEvent, Subject
from audit.services.rows import new_instance
from governance.services.agent_versions import record_agent_version


def make_request(
    gathered: Gathered,
    judgement: Judgement | None,
    *,
    idempotency_key: str,
    fingerprint: str,
    batch: RequestBatch | None = None,
) -> AgentActionRequest:
    """The unsaved row of an agent's proposal, to be written and not read: its facts and decision are values. Without a
    judgement it is `evaluating`, due at once."""
    principal, proposal, now = gathered.principal, gathered.proposal, gathered.now
    request_id = gathered.request_id
    columns: dict[str, Any] = {"status": Status.EVALUATING, "facts": gathered.facts}
    if judgement is not None:
        columns = {"status": judgement.status, "status_code": judgement.code} | first_columns(
            judgement,
            request_id=request_id,
            association=gathered.association,
            policy_version_id=gathered.context.policy_version_id,
            now=now,
        )
    return new_instance(
        AgentActionRequest,
        id=request_id,
        workspace_id=principal.workspace_id,
        connection_id=gathered.context.connection_id,
        actor_type="agent",
        agent_id=principal.agent_id,
        credential_id=principal.credential_id,
        batch_id=batch.pk if batch is not None else None,
        idempotency_key=idempotency_key,
        fingerprint=fingerprint,
        correlation_id=proposal.correlation_id,
        action=proposal.action,
        object_type=written_object(proposal),
        record_id=written_id(proposal),
        target_object=proposal.target_object,
        target_id=proposal.target_id or "",
        body=proposal.body,
        created_at=now,
        **columns,
    )


def note_version(gathered: Gathered) -> UUID:
    """The id of the agent's version; commits it when it is new. No query when this process knows it."""
    claim = gathered.proposal.agent_version
    return record_agent_version(
        agent_id=gathered.principal.agent_id,
        model=claim.model,
        prompt_template=claim.prompt_template,
        prompt_hash=claim.prompt_hash,
        tools_hash=claim.tools_hash,
        now=gathered.now,
    )


def new_request_events(gathered: Gathered, judgement: Judgement | None, request: AgentActionRequest) -> list[NewEvent]:
    """`request.received`, and `request.decided` when it was judged at once."""
    version = gathered.facts.agent.version if gathered.facts.agent else ""
    received = _event(
        gathered,
        request,
        "request.received",
        Actor("agent", gathered.principal.agent_name),
        data=received_data(request, gathered.proposal, version=version),
        values=received_values(gathered.proposal),
    )
    if judgement is None:
        return [received]
    decided = _event(
        gathered,
        request,
        "request.decided",
        Actor("system", "policy"),
        data=decision_event_data(judgement, digest=request.digest),
        values={"patch": dump_patch(judgement.decision.patch)} if judgement.decision.patch else {},
    )
    return [received, decided, *dnc_events(request, judgement.facts, point="decision")]


def received_data(request: AgentActionRequest, proposal: Proposed, *, version: str) -> dict[str, Any]:
    """What `request.received` says for ever of a proposal, whoever made it. `version` is the agent's fingerprint."""
    return {
        "action": proposal.action,
        "agent_version": version,
        "batch": str(request.batch_id) if request.batch_id else None,
        "confidence": proposal.confidence,
        "connection": proposal.connection,
        "credential": str(request.credential_id),
        "fields": sorted(proposal.changes),
        "fingerprint": request.fingerprint,
        "object": request.object_type,
        "reason_code": proposal.reason_code,
        "record": request.record_id,
        "target": [request.target_object, request.target_id],
        **declared_on_record(proposal),
    }


def received_values(proposal: Proposed) -> dict[str, Any]:
    """The erasable values of the same event."""
    return {
        "changes": proposal.changes,
        "justification": proposal.justification,
        **context_on_record(proposal),
    }


def _event(
    gathered: Gathered,
    request: AgentActionRequest,
    event_type: str,
    actor: Actor,
    *,
    data: dict[str, Any],
    values: dict[str, Any],
) -> NewEvent:
    return NewEvent(
        type=event_type,
        workspace=gathered.principal.workspace_slug,
        actor=actor,
        subject=Subject("request", str(request.pk)),
        correlation_id=request.correlation_id,
        data=data,
        values=values,
    )
