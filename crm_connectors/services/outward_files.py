"""What left the house, as a person opens it: a message as sent, the file of an export, a meeting's invitation."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from crm_connectors.domain.invitation import make_invitation
from crm_connectors.embedded.exporting import read_export
from crm_connectors.embedded.maildir import read_message
from crm_connectors.models import CrmRecord
from governance.domain.action_class import ATTACHMENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class OutwardFile:
    """A file to show or to keep. `title` is what its link says."""

    title: str
    name: str
    content_type: str
    content: bytes


def download_outward_file(record: CrmRecord, *, actor: Actor, now: datetime) -> OutwardFile | None:
    """The file, to be taken away. What holds many people's data (an export), or files of an agent's making (a message
    with attachments), is put on record first.

    Expects `crm_object__connection__workspace`. Commits `export.downloaded` or `attachment.downloaded`. Raises
    LedgerUnavailableError: then no file is given.
    """
    file = read_outward_file(record)
    event_type = _event_type(record)
    if file is not None and event_type:
        kind = event_type.partition(".")[0]
        event = NewEvent(
            type=event_type,
            workspace=record.crm_object.connection.workspace.slug,
            actor=actor,
            subject=Subject("export" if kind == "export" else "email", str(record.number)),
            correlation_id=f"{kind}-{record.crm_object.connection_id}-{record.number}"[:80],
            data={
                "connection": record.crm_object.connection.name,
                "bytes": len(file.content),
                "sha256": sha256(file.content).hexdigest(),
            },
        )
        with transaction.atomic():
            append_event(event, now=now)
    return file


def _event_type(record: CrmRecord) -> str:
    match record.crm_object.name:
        case "exports":
            return "export.downloaded"
        case "emails" if record.values.get(ATTACHMENTS):
            return "attachment.downloaded"
        case _:
            return ""


def read_outward_file(record: CrmRecord) -> OutwardFile | None:
    """The file behind a record of mail, exports or meetings; None when there is none. Expects `crm_object`."""
    connection_id, number = record.crm_object.connection_id, record.number
    match record.crm_object.name:
        case "emails":
            name = _message_file(record)
            message = read_message(connection_id, name) if name else None
            return _file("Download the message", f"email-{number}.eml", "text/plain; charset=utf-8", message)
        case "exports":
            content = read_export(connection_id, str(record.values.get("file", "")))
            return _file("Download the file", f"export-{number}.csv", "text/csv; charset=utf-8", content)
        case "meetings":
            invitation = make_invitation(record.values, uid=f"meeting-{number}", stamp=record.created_at)
            return _file("Download the invitation", f"meeting-{number}.ics", "text/calendar; charset=utf-8", invitation)
        case _:
            return None


def _message_file(record: CrmRecord) -> str:
    """The file's name, which the message id repeats."""
    message_id = str(record.values.get("message_id", ""))
    return f"{message_id.strip('<>').partition('@')[0]}.countersign" if message_id else ""


def _file(title: str, name: str, content_type: str, content: bytes | None) -> OutwardFile | None:
    if content is None:
        return None
    return OutwardFile(title=title, name=name, content_type=content_type, content=content)
