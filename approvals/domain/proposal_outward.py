"""Proposals that leave the house: typed payloads, and the addresses in them that must be understood (APR-01)."""

import json
from collections.abc import Iterator
from typing import Annotated, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from approvals.domain.attached import AttachedFiles, attachment_problems, to_attachments
from approvals.domain.envelope import (
    FIELD_VALUE,
    Body,
    Envelope,
    FieldName,
    JsonValue,
    Line,
    Moment,
    ObjectName,
    ObjectTarget,
    RecordId,
    RecordTarget,
    Strict,
    Text,
    given,
)
from crm_connectors.domain.attachment import list_attachments
from governance.domain.action_class import ATTACHMENTS
from governance.domain.recipient_address import address_problem, has_unseen

Problem = tuple[str, str, str]
"""code, message, JSON pointer"""

Address = Annotated[str, Meta(min_length=3, max_length=254, description="One plain e-mail address, without a name")]
Addresses = Annotated[tuple[Address, ...], Meta(max_length=50)]
Option = Annotated[str, Meta(max_length=80, description="A value of the CRM's picklist")]


class RecipientTarget(Strict, frozen=True, kw_only=True):
    """Whoever is reached: a record (`object` and `id`), whose addresses the CRM holds, or one `address`."""

    object: ObjectName | None = None
    id: RecordId | None = None
    address: Annotated[str, Meta(min_length=3, max_length=254)] | None = None


class Email(Strict, frozen=True, kw_only=True):
    """A message that leaves. `sender` is the mailbox it leaves from; the connection has one of its own."""

    subject: Line
    body: Body
    sender: Address | None = None
    cc: Addresses = ()
    bcc: Addresses = ()
    attachments: AttachedFiles = ()


class Enrolment(Strict, frozen=True, kw_only=True):
    """Which sequence the person enters, by its id, and from whose mailbox it writes."""

    sequence: RecordId
    sender: Address | None = None


class Meeting(Strict, frozen=True, kw_only=True):
    """A meeting with the person behind the record and whoever else. `time_zone` is a name like `Europe/Berlin`."""

    title: Line
    starts_at: Moment
    ends_at: Moment
    time_zone: Annotated[str, Meta(max_length=60)] = "UTC"
    attendees: Addresses = ()
    location: Annotated[str, Meta(max_length=300)] | None = None
    description: Text | None = None


class DialerEntry(Strict, frozen=True, kw_only=True):
    """Which queue of callers, and why to call."""

    queue: Option
    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    priority: Option | None = None
    call_after: Moment | None = None


class Export(Strict, frozen=True, kw_only=True):
    """Which fields of which records leave as a file, and what for."""

    fields: Annotated[tuple[FieldName, ...], Meta(min_length=1, max_length=50)]
    purpose: Annotated[str, Meta(min_length=1, max_length=500)]
    filters: Annotated[dict[FieldName, FIELD_VALUE], Meta(max_length=20)] = {}
    row_limit: Annotated[int, Meta(ge=1, le=10_000)] = 500


class SendEmail(Envelope, frozen=True, kw_only=True, tag_field="action", tag="send_email"):
    """Send one e-mail. It cannot be taken back once it left, so that a person always agrees first."""

    action: ClassVar[str] = "send_email"
    target: RecipientTarget
    message: Email

    @property
    def values(self) -> dict[str, JsonValue]:
        message = self.message
        if not message.attachments:
            return _joined(message, to=self.target.address)
        listing = list_attachments(to_attachments(message.attachments))
        bare = msgspec.structs.replace(message, attachments=())
        return _joined(bare, to=self.target.address) | {ATTACHMENTS: listing}

    def problems(self) -> Iterator[Problem]:
        yield from _target_problems(self.target, "email")
        yield from _address_problems("/message", sender=self.message.sender, cc=self.message.cc, bcc=self.message.bcc)
        yield from _line_problems("/message", subject=self.message.subject)
        yield from attachment_problems(self.message.attachments, "/message/attachments")


class EnrollSequence(Envelope, frozen=True, kw_only=True, tag_field="action", tag="enroll_sequence"):
    """Enter the person behind a record into a sequence."""

    action: ClassVar[str] = "enroll_sequence"
    target: RecordTarget
    enrolment: Enrolment

    @property
    def values(self) -> dict[str, JsonValue]:
        return given(self.enrolment)

    def problems(self) -> Iterator[Problem]:
        yield from _address_problems("/enrolment", sender=self.enrolment.sender)


class CreateMeeting(Envelope, frozen=True, kw_only=True, tag_field="action", tag="create_meeting"):
    """Invite the person behind a record to a meeting."""

    action: ClassVar[str] = "create_meeting"
    target: RecordTarget
    meeting: Meeting

    @property
    def values(self) -> dict[str, JsonValue]:
        return _joined(self.meeting)

    def problems(self) -> Iterator[Problem]:
        meeting = self.meeting
        yield from _address_problems("/meeting", attendees=meeting.attendees)
        yield from _line_problems("/meeting", title=meeting.title, location=meeting.location)
        if meeting.ends_at <= meeting.starts_at:
            yield "invalid_value", "`ends_at` must come after `starts_at`", "/meeting/ends_at"
        if not _is_time_zone(meeting.time_zone):
            yield "invalid_value", "`time_zone` is no name of a time zone", "/meeting/time_zone"


class PushToDialer(Envelope, frozen=True, kw_only=True, tag_field="action", tag="push_to_dialer"):
    """Put a person into a queue of people to call."""

    action: ClassVar[str] = "push_to_dialer"
    target: RecipientTarget
    entry: DialerEntry

    @property
    def values(self) -> dict[str, JsonValue]:
        return _joined(self.entry, phone=self.target.address)

    def problems(self) -> Iterator[Problem]:
        yield from _target_problems(self.target, "phone")
        yield from _line_problems("/entry", reason=self.entry.reason)


class ExportRecords(Envelope, frozen=True, kw_only=True, tag_field="action", tag="export"):
    """Write records to a file that people of the workspace may download."""

    action: ClassVar[str] = "export"
    target: ObjectTarget
    export: Export

    @property
    def values(self) -> dict[str, JsonValue]:
        export = self.export
        filters = json.dumps(export.filters, sort_keys=True, ensure_ascii=False) if export.filters else None
        asked: dict[str, JsonValue] = {
            "object": self.target.object,
            "fields": ", ".join(export.fields),
            "filters": filters,
        }
        asked |= {"row_limit": export.row_limit, "purpose": export.purpose}
        return {name: value for name, value in asked.items() if value is not None}

    def problems(self) -> Iterator[Problem]:
        for index, name in enumerate(self.export.fields):
            if not name.isidentifier():
                yield "invalid_value", "no field is called this", f"/export/fields/{index}"


Outward = SendEmail | EnrollSequence | CreateMeeting | PushToDialer | ExportRecords


def _joined(payload: Strict, **more: str | None) -> dict[str, JsonValue]:
    """The members that hold something; several addresses in one field, as the records of such objects keep them."""
    values = {
        name: ", ".join(value) if isinstance(value, list | tuple) else value for name, value in given(payload).items()
    }
    return {name: value for name, value in {**values, **more}.items() if value not in (None, "")}


def _target_problems(target: RecipientTarget, kind: str) -> Iterator[Problem]:
    is_record = target.object is not None and target.id is not None
    if (target.address is not None) == is_record or (target.object is None) != (target.id is None):
        yield "invalid_value", "`target` is either a record (`object` and `id`) or one `address`", "/target"
    elif target.address is not None and (problem := address_problem(kind, target.address)):
        yield "invalid_recipient", f"the address {problem}", "/target/address"


def _address_problems(place: str, **members: str | tuple[str, ...] | None) -> Iterator[Problem]:
    for name, value in members.items():
        if isinstance(value, str) and (problem := address_problem("email", value)):
            yield "invalid_recipient", f"the address {problem}", f"{place}/{name}"
        for index, address in enumerate(value if isinstance(value, tuple) else ()):
            if problem := address_problem("email", address):
                yield "invalid_recipient", f"the address {problem}", f"{place}/{name}/{index}"


def _line_problems(place: str, **members: str | None) -> Iterator[Problem]:
    """What becomes a header or one line of a list holds nothing that a person could not see."""
    for name, value in members.items():
        if value is not None and has_unseen(value):
            yield "invalid_unicode", f"`{name}` holds characters that cannot be seen", f"{place}/{name}"


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
