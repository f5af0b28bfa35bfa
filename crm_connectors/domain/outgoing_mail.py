"""The RFC 5322 message of one e-mail, and the names by which it is found again."""

import re
from collections.abc import Mapping
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from crm_connectors.domain.record import JsonValue
from governance.domain.recipient_address import ascii_domain

DEFAULT_MAILBOX = "outbox@countersign.example"
_SAFE = re.compile(r"[^A-Za-z0-9_-]")


def message_name(operation_key: str) -> str:
    """The file's name, the same for the same operation."""
    return f"{_SAFE.sub('-', operation_key)}.countersign"


def message_id(operation_key: str) -> str:
    """Deterministic: whoever sees the message twice can tell that it is one."""
    return f"<{_SAFE.sub('-', operation_key)}@countersign.example>"


def make_message(values: Mapping[str, JsonValue], *, operation_key: str, correlation_id: str, now: datetime) -> bytes:
    """The bytes as they leave. Blind copies stand in the envelope alone, which the maildir keeps as `X-Envelope-To`.

    Raises ValueError for what cannot stand in a header.
    """
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
    return message.as_bytes()


def _addresses(value: JsonValue) -> list[str]:
    return [_in_ascii(part.strip()) for part in str(value).split(",") if part.strip()] if value else []


def _in_ascii(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}@{ascii_domain(domain)}"
