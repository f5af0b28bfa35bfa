"""From a proposal to what policy judges: which object is written, which record, with which facts."""

from datetime import datetime

import msgspec

from approvals.domain.attached import attachments_in
from approvals.domain.message import message_of
from approvals.domain.proposed import Proposed
from governance.domain.action_class import ATTACHMENTS, PREPARED_OBJECTS
from governance.domain.facts import (
    AgentFacts,
    ClosedField,
    ConnectionFacts,
    Facts,
    MessageFacts,
    RecordFacts,
    RequestFacts,
    SwitchFacts,
)
from governance.domain.vocabulary import Action

_WORDED = frozenset({Action.SEND_EMAIL, Action.CREATE_MEETING, Action.DRAFT})


def written_object(proposal: Proposed) -> str:
    """The object that the action writes to."""
    return PREPARED_OBJECTS.get(proposal.action, proposal.target_object)


def written_id(proposal: Proposed) -> str:
    """The record that the action writes to, empty when it makes one."""
    return proposal.target_id or "" if proposal.action == "update" else ""


def association_of(action: str, target_object: str, target_id: str) -> tuple[str, str] | None:
    """The record that a prepared one hangs on."""
    return (target_object, target_id) if action in PREPARED_OBJECTS and target_id else None


def make_request_facts(proposal: Proposed) -> RequestFacts:
    """The proposal as the engine judges it."""
    return RequestFacts(
        action=proposal.action,
        object=written_object(proposal),
        target_object=proposal.target_object,
        target_id=proposal.target_id or "",
        record_id=written_id(proposal) or None,
        changes=proposal.changes,
        expected=proposal.expected,
        reason_code=proposal.reason_code,
        confidence=proposal.confidence,
        evidence=proposal.evidence,
        correlation_id=proposal.correlation_id,
        source_workflow=proposal.source_workflow,
        risk_flags=proposal.risk_flags,
        on_behalf_of=proposal.on_behalf_of,
        message=_message(proposal) if proposal.action in _WORDED else None,
        usage=proposal.usage,
    )


def _message(proposal: Proposed) -> MessageFacts:
    is_bearing = proposal.action == Action.SEND_EMAIL and ATTACHMENTS in proposal.changes
    return message_of(proposal.changes, attachments_in(proposal.body) if is_bearing else ())


def make_agent_facts(
    *,
    now: datetime,
    workspace: str,
    agent: AgentFacts,
    connection: ConnectionFacts,
    switches: SwitchFacts,
    request: RequestFacts,
    is_grant_withdrawn: bool,
    closed_fields: tuple[ClosedField, ...],
) -> Facts:
    """Everything known before the record is read."""
    return Facts(
        now=now,
        workspace=workspace,
        actor_type="agent",
        agent=agent,
        connection=connection,
        switches=switches,
        request=request,
        record=None,
        is_grant_withdrawn=is_grant_withdrawn,
        closed_fields=closed_fields,
    )


def with_record(facts: Facts, record: RecordFacts | None) -> Facts:
    """The same facts with what the CRM holds."""
    return msgspec.structs.replace(facts, record=record)


def find_unknown(known: dict[str, frozenset[str]], proposal: Proposed) -> tuple[str, ...]:
    """Names that the registry does not know, as `object` or `object.field`, sorted. `known` is object → its fields.

    Names match exactly: no alias, no case folding (a policy bypass otherwise).
    """
    written = written_object(proposal)
    missing = {name for name in (proposal.target_object, written) if name not in known}
    if written not in missing:
        names = {*proposal.changes, *proposal.expected}
        missing |= {f"{written}.{name}" for name in names if name not in known[written]}
    return tuple(sorted(missing))
