"""The request that takes another one back: a person's, judged by their role."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from approvals.domain.judgement import Judgement, broken_decision, judge_outcome
from approvals.models import AgentActionRequest
from approvals.services.human_request import human_request_events, make_human_facts, make_human_request
from approvals.services.judging import NO_POLICY
from approvals.services.surroundings import Surroundings
from audit.domain.event import NewEvent
from audit.domain.identifier import new_id
from crm_connectors.domain.record import Record
from governance.domain.engine import decide
from governance.domain.facts import JsonValue, RecordFacts


class Reverted(Protocol):
    """One field of an executed request: its name, what stood there before, and what we wrote."""

    @property
    def field(self) -> str: ...
    @property
    def before(self) -> JsonValue: ...
    @property
    def ours(self) -> JsonValue: ...


def judge_revert(
    original: AgentActionRequest,
    action: str,
    record: Record,
    fields: Sequence[Reverted],
    *,
    around: Surroundings,
    now: datetime,
) -> tuple[Judgement, UUID | None]:
    """The engine's word on putting `fields` back (`update`) or taking the record away (`delete`), and the policy's id.

    The inverse patch expects our own value: it never overwrites what someone else wrote since.
    """
    is_update = action == "update"
    facts = make_human_facts(
        original,
        action=action,
        record_id=record.id,
        changes={row.field: row.before for row in fields} if is_update else {},
        expected={row.field: row.ours for row in fields} if is_update else {},
        reason_code="revert",
        around=around,
        record=RecordFacts(exists=True, version=record.version, values=record.values),
        reverses=True,
        now=now,
    )
    index, version_id = around.get_policy(original.connection.environment)
    if version_id is None:
        return judge_outcome(NO_POLICY, facts), None
    return judge_outcome(decide(index, facts) if index else broken_decision(), facts), version_id


def make_revert(
    original: AgentActionRequest,
    judgement: Judgement,
    policy_version_id: UUID | None,
    *,
    person_id: UUID,
    reason: str,
    now: datetime,
) -> AgentActionRequest:
    """The unsaved row of a revert: what keeps reverts single is the index on `reverses`."""
    return make_human_request(
        original,
        judgement,
        policy_version_id,
        request_id=new_id(),
        person_id=person_id,
        reason=reason,
        cause={"reverses": str(original.pk)},
        now=now,
        reverses=original,
    )


def revert_events(request: AgentActionRequest, judgement: Judgement, reason: str) -> list[NewEvent]:
    """`request.received` by the person, and `request.decided`."""
    return human_request_events(request, judgement, reason=reason, cause={"reverses": str(request.reverses_id)})
