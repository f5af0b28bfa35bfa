"""The text of a message as policy reads it."""

import re

from governance.domain.facts import JsonValue, MessageFacts

_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"')\]]+", re.IGNORECASE)


def message_of(changes: dict[str, JsonValue]) -> MessageFacts:
    """Sender, subject and body, under whatever names the object has for them, and every link in them once, in order."""
    subject = _text(changes, "subject", "title")
    body = _text(changes, "body", "description")
    links = tuple(dict.fromkeys(_LINK.findall(f"{subject}\n{body}")))
    return MessageFacts(sender=_text(changes, "sender"), subject=subject, body=body, links=links)


def _text(changes: dict[str, JsonValue], *names: str) -> str:
    return next((value for name in names if isinstance(value := changes.get(name), str)), "")
