"""Proposals: one typed schema per action, told apart by `action` (APR-01).

The payloads of `create_task`, `create_note`, `draft` and `queue` bear the names that the fields of such records have.
`values` says what would be written whatever the action; `to_proposed` is the one value that the services take.
"""

from datetime import date, datetime
from typing import Annotated, ClassVar

from msgspec import Meta

from approvals.domain.envelope import (
    Body,
    Changes,
    Envelope,
    Evidence,
    Fact,
    JsonValue,
    Line,
    ObjectTarget,
    RecordTarget,
    Signal,
    Source,
    Strict,
    Text,
    Usage,
    given,
)
from approvals.domain.proposal_outward import (
    CreateMeeting,
    EnrollSequence,
    ExportRecords,
    PushToDialer,
    RecipientTarget,
    SendEmail,
)
from approvals.domain.proposed import Proposed, VersionClaim
from governance.domain.action_class import PREPARED_OBJECTS
from governance.domain.facts import EvidenceFacts, UsageFacts

Owner = Annotated[str, Meta(max_length=120, description="Who shall see to it, as the CRM names its users")]
Option = Annotated[str, Meta(max_length=80, description="A value of the CRM's picklist")]


class Task(Strict, frozen=True, kw_only=True):
    """What a person shall do, and by when."""

    subject: Line
    body: Text = ""
    task_type: Option | None = None
    due_date: date | None = None
    owner: Owner | None = None
    priority: Option | None = None


class Note(Strict, frozen=True, kw_only=True):
    """What shall be on record about something."""

    body: Body
    owner: Owner | None = None


class Message(Strict, frozen=True, kw_only=True):
    """A text that a person will send, change or throw away."""

    subject: Line
    body: Body
    channel: Option | None = None
    owner: Owner | None = None


class QueueItem(Strict, frozen=True, kw_only=True):
    """Which queue of people, and what for."""

    queue: Option
    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    priority: Option | None = None
    owner: Owner | None = None


class Update(Envelope, frozen=True, kw_only=True, tag_field="action", tag="update"):
    """Change fields of one record."""

    action: ClassVar[str] = "update"
    target: RecordTarget
    changes: Changes
    expected: Changes = {}

    @property
    def values(self) -> dict[str, JsonValue]:
        return self.changes


class Create(Envelope, frozen=True, kw_only=True, tag_field="action", tag="create"):
    """Make one record."""

    action: ClassVar[str] = "create"
    target: ObjectTarget
    changes: Changes

    @property
    def values(self) -> dict[str, JsonValue]:
        return self.changes


class _Preparation(Envelope, frozen=True, kw_only=True):
    """Work prepared for people, about one record. Nothing of that record changes."""

    target: RecordTarget


class CreateTask(_Preparation, frozen=True, kw_only=True, tag_field="action", tag="create_task"):
    """Make a task about a record."""

    action: ClassVar[str] = "create_task"
    task: Task

    @property
    def values(self) -> dict[str, JsonValue]:
        return given(self.task)


class CreateNote(_Preparation, frozen=True, kw_only=True, tag_field="action", tag="create_note"):
    """Make a note about a record."""

    action: ClassVar[str] = "create_note"
    note: Note

    @property
    def values(self) -> dict[str, JsonValue]:
        return given(self.note)


class Draft(_Preparation, frozen=True, kw_only=True, tag_field="action", tag="draft"):
    """Prepare a message to the person behind a record. A person takes it up or throws it away."""

    action: ClassVar[str] = "draft"
    message: Message

    @property
    def values(self) -> dict[str, JsonValue]:
        return given(self.message)


class Queue(_Preparation, frozen=True, kw_only=True, tag_field="action", tag="queue"):
    """Put a record in front of people."""

    action: ClassVar[str] = "queue"
    item: QueueItem

    @property
    def values(self) -> dict[str, JsonValue]:
        return given(self.item)


Proposal = (
    Update
    | Create
    | CreateTask
    | CreateNote
    | Draft
    | Queue
    | SendEmail
    | EnrollSequence
    | CreateMeeting
    | PushToDialer
    | ExportRecords
)


def to_proposed(proposal: Proposal, body: dict[str, JsonValue]) -> Proposed:
    """The value that intake takes. `body` is the JSON that `proposal` was read from; all of it is kept."""
    version = proposal.agent_version
    target_object, target_id = _place(proposal)
    return Proposed(
        connection=proposal.connection,
        action=proposal.action,
        target_object=target_object,
        target_id=target_id,
        changes=proposal.values,
        expected=proposal.expected if isinstance(proposal, Update) else {},
        reason_code=proposal.reason_code,
        justification=proposal.justification,
        confidence=proposal.confidence,
        evidence=_counted(proposal.evidence),
        agent_version=VersionClaim(
            model=version.model,
            prompt_template=version.prompt_template,
            prompt_hash=version.prompt_hash,
            tools_hash=version.tools_hash,
        ),
        correlation_id=proposal.correlation_id,
        source_workflow=proposal.source_workflow,
        risk_flags=proposal.risk_flags,
        on_behalf_of=proposal.on_behalf_of or "",
        usage=_usage(proposal.usage),
        body=body,
    )


def _place(proposal: Proposal) -> tuple[str, str | None]:
    """What the agent points at: a record, an object, or, with an address of its own, only what is made."""
    match proposal.target:
        case RecipientTarget(object=str(name), id=str(record_id)) | RecordTarget(object=name, id=record_id):
            return name, record_id
        case RecipientTarget():
            return PREPARED_OBJECTS[proposal.action], None
        case target:
            return target.object, None


def _counted(evidence: tuple[Evidence, ...]) -> EvidenceFacts:
    kinds = [type(entry) for entry in evidence]
    return EvidenceFacts(
        sources=kinds.count(Source),
        facts=kinds.count(Fact),
        signals=kinds.count(Signal),
        vendors=tuple(sorted({entry.url for entry in evidence if isinstance(entry, Source)})),
        observed_at=_observed_at(evidence),
    )


def _observed_at(evidence: tuple[Evidence, ...]) -> datetime | None:
    """Evidence is as old as the oldest of its sources; one that does not say makes it unknown."""
    moments = [entry.observed_at for entry in evidence if isinstance(entry, Source)]
    known = [moment for moment in moments if moment is not None]
    return min(known) if known and len(known) == len(moments) else None


def _usage(usage: Usage | None) -> UsageFacts | None:
    if usage is None:
        return None
    return UsageFacts(tokens=usage.tokens, spend_micros=usage.spend_micros, currency=usage.currency)
