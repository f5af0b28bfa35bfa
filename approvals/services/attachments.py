"""The files of a message that an agent proposed: listed as they are voted on, and taken away to be read, on record."""

from datetime import datetime

from django.db import transaction

from approvals.domain.attached import attachments_in
from approvals.models import AgentActionRequest
from approvals.services.events import request_event
from audit.domain.event import Actor
from audit.services.append import append_event
from crm_connectors.domain.attachment import ListedAttachment, describe, read_listing
from crm_connectors.domain.record import Attachment
from governance.domain.action_class import ATTACHMENTS
from governance.domain.vocabulary import Action


def listed_attachments(request: AgentActionRequest) -> tuple[ListedAttachment, ...]:
    """What the patch says is attached; before a decision, what was asked for. Nothing for other actions."""
    if request.action != Action.SEND_EMAIL:
        return ()
    asked = request.facts.get("request", {}).get("changes") or {}
    patch = {item["field"]: item["after"] for item in request.patch}
    return read_listing((patch or asked).get(ATTACHMENTS))


def download_attachment(request: AgentActionRequest, *, number: int, actor: Actor, now: datetime) -> Attachment | None:
    """The file with this number, from 1; None where there is none, or where its bytes are not those that were listed.

    Expects `workspace` joined. Commits `attachment.downloaded`; the file's name is an erasable value. Raises
    LedgerUnavailableError: then no file is given.
    """
    listed = listed_attachments(request)
    files = attachments_in(request.body) if listed else ()
    if not (0 < number <= min(len(listed), len(files))):
        return None
    file, entry = files[number - 1], listed[number - 1]
    if describe(file) != entry:
        return None
    data = {"bytes": entry.size, "content_type": entry.content_type, "sha256": entry.sha256}
    event = request_event(request, "attachment.downloaded", actor, data=data, values={"name": entry.name})
    with transaction.atomic():
        append_event(event, now=now)
    return file
