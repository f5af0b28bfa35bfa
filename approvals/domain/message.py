"""The text of a message as policy reads it."""

import re
from collections.abc import Sequence

from approvals.domain.attached import readable_text
from crm_connectors.domain.record import Attachment
from governance.domain.facts import JsonValue, MessageFacts

_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"')\]]+", re.IGNORECASE)


def message_of(changes: dict[str, JsonValue], attachments: Sequence[Attachment] = ()) -> MessageFacts:
    """Sender, subject and body, under whatever names the object has for them, and every link in them once, in order;
    the names of the files, and what those that are text say."""
    subject = _text(changes, "subject", "title")
    body = _text(changes, "body", "description")
    links = tuple(dict.fromkeys(_LINK.findall(f"{subject}\n{body}")))
    return MessageFacts(
        sender=_text(changes, "sender"),
        subject=subject,
        body=body,
        links=links,
        attachments=tuple(item.name for item in attachments),
        attached_text=readable_text(attachments) if attachments else "",
    )


def _text(changes: dict[str, JsonValue], *names: str) -> str:
    return next((value for name in names if isinstance(value := changes.get(name), str)), "")
