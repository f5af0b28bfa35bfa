"""Proposals: one typed schema per action, told apart by `action` (APR-01, DESIGN: public contracts).

Every proposal answers the same three questions: `written_object`, `written_id` and `values` say what
would be written, so that policy and execution need not know the actions one by one.
"""

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

from approvals.domain.envelope import (
    Body,
    Changes,
    Envelope,
    JsonValue,
    Line,
    ObjectTarget,
    RecordTarget,
    Strict,
    Text,
)


class Task(Strict, frozen=True, kw_only=True):
    """What a person shall do, and by when."""

    subject: Line
    body: Text = ""
    due_date: date | None = None
    owner: Annotated[str, Meta(max_length=120)] | None = None
    priority: Annotated[str, Meta(max_length=40)] | None = None


class Note(Strict, frozen=True, kw_only=True):
    """What shall be on record about something."""

    body: Body
    title: Annotated[str, Meta(max_length=400)] = ""


class Message(Strict, frozen=True, kw_only=True):
    """A text that a person will send, change or throw away."""

    subject: Line
    body: Body


class QueueItem(Strict, frozen=True, kw_only=True):
    """Which queue of people, and what for."""

    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_.-]{0,79}$(?!\n)")]
    note: Text = ""
    priority: Annotated[str, Meta(max_length=40)] | None = None


class Update(Envelope, frozen=True, kw_only=True, tag_field="action", tag="update"):
    """Change fields of one record."""

    target: RecordTarget
    changes: Changes
    expected: Changes = {}

    @property
    def written_object(self) -> str:
        return self.target.object

    @property
    def written_id(self) -> str | None:
        return self.target.id

    @property
    def values(self) -> dict[str, JsonValue]:
        return self.changes


class Create(Envelope, frozen=True, kw_only=True, tag_field="action", tag="create"):
    """Make one record."""

    target: ObjectTarget
    changes: Changes

    @property
    def written_object(self) -> str:
        return self.target.object

    @property
    def written_id(self) -> str | None:
        return None

    @property
    def values(self) -> dict[str, JsonValue]:
        return self.changes


class _Preparation(Envelope, frozen=True, kw_only=True):
    """Work prepared for people, about one record. Nothing of that record changes."""

    target: RecordTarget

    @property
    def written_id(self) -> str | None:
        return None


class CreateTask(_Preparation, frozen=True, kw_only=True, tag_field="action", tag="create_task"):
    """Make a task about a record."""

    task: Task

    @property
    def written_object(self) -> str:
        return "tasks"

    @property
    def values(self) -> dict[str, JsonValue]:
        return _given(self.task)


class CreateNote(_Preparation, frozen=True, kw_only=True, tag_field="action", tag="create_note"):
    """Make a note about a record."""

    note: Note

    @property
    def written_object(self) -> str:
        return "notes"

    @property
    def values(self) -> dict[str, JsonValue]:
        return _given(self.note)


class Draft(_Preparation, frozen=True, kw_only=True, tag_field="action", tag="draft"):
    """Prepare a message to the person behind a record. It stays here until a person takes it up."""

    message: Message

    @property
    def written_object(self) -> str:
        return self.target.object

    @property
    def values(self) -> dict[str, JsonValue]:
        return {}


class Queue(_Preparation, frozen=True, kw_only=True, tag_field="action", tag="queue"):
    """Put a record in front of people. It stays here until a person takes it up."""

    queue: QueueItem

    @property
    def written_object(self) -> str:
        return self.target.object

    @property
    def values(self) -> dict[str, JsonValue]:
        return {}


Proposal = Update | Create | CreateTask | CreateNote | Draft | Queue


def association(proposal: Proposal) -> tuple[str, str] | None:
    """The record that a new task or note hangs on, as `(object, id)`."""
    if isinstance(proposal, CreateTask | CreateNote):
        return proposal.target.object, proposal.target.id
    return None


def _given(payload: Strict) -> dict[str, JsonValue]:
    """The members of a payload that hold something, as plain JSON values."""
    members: dict[str, JsonValue] = msgspec.to_builtins(payload)
    return {name: value for name, value in members.items() if value is not None}
