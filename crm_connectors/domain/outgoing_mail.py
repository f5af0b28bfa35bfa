"""The RFC 5322 message of one e-mail, its files as MIME parts, and the names by which it is found again."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime

from crm_connectors.domain.attachment import require_as_listed
from crm_connectors.domain.record import Attachment, JsonValue
from governance.domain.action_class import ATTACHMENTS
from governance.domain.recipient_address import ascii_domain

DEFAULT_MAILBOX = "outbox@countersign.example"
_SAFE = re.compile(r"[^A-Za-z0-9_-]")


def message_name(operation_key: str) -> str:
    """The file's name, the same for the same operation."""
    return f"{_SAFE.sub('-', operation_key)}.countersign"


def message_id(operation_key: str) -> str:
    """Deterministic: whoever sees the message twice can tell that it is one."""
    return f"<{_SAFE.sub('-', operation_key)}@countersign.example>"


def make_message(
    values: Mapping[str, JsonValue],
    *,
    operation_key: str,
    correlation_id: str,
    now: datetime,
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """The bytes as they leave. Blind copies stand in the envelope alone, which the maildir keeps as `X-Envelope-To`.

    Raises ValueError for what cannot stand in a header, and for files other than the listing in `values` names.
    """
    require_as_listed(values.get(ATTACHMENTS), attachments)
    to, cc, bcc = (_addresses(values.get(name)) for name in ("to", "cc", "bcc"))
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = _in_ascii(str(values.get("sender") or DEFAULT_MAILBOX))
    message["To"] = ", ".join(to)
    if cc:
        message["Cc"] = ", ".join(cc)
    message["Subject"] = str(values.get("subject") or "")
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(operation_key)
    message["X-Correlation-ID"] = correlation_id
    message["X-Envelope-To"] = ", ".join([*to, *cc, *bcc])
    message.set_content(str(values.get("body") or ""))
    for item in attachments:
        kind, _, subtype = item.content_type.partition("/")
        message.add_attachment(item.content, maintype=kind, subtype=subtype, filename=item.name)
    return message.as_bytes()


def attachments_of(message: bytes) -> tuple[Attachment, ...]:
    """The files as whoever receives the message would read them."""
    return tuple(
        Attachment(
            name=part.get_filename() or "",
            content_type=part.get_content_type(),
            content=bytes(part.get_payload(decode=True) or b""),
        )
        for part in _parsed(message).iter_attachments()
    )


def readable_part(message: bytes) -> str:
    """Head and text, without the files, for a person to look at."""
    parsed = _parsed(message)
    if not parsed.is_multipart():
        return message.decode(errors="replace")
    head = "\n".join(f"{name}: {value}" for name, value in parsed.items())
    body = parsed.get_body(("plain",))
    return f"{head}\n\n{body.get_content() if body is not None else ''}"


def _parsed(message: bytes) -> EmailMessage:
    return message_from_bytes(message, policy=policy.SMTP)


def _addresses(value: JsonValue) -> list[str]:
    return [_in_ascii(part.strip()) for part in str(value).split(",") if part.strip()] if value else []


def _in_ascii(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}@{ascii_domain(domain)}"
