"""Entries of the do-not-contact list, and requests that would reach someone."""

import base64
from typing import Any
from uuid import UUID

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from governance.domain.facts import RecipientFacts
from governance.models import Workspace
from governance.selectors.dnc_facts import DncQuestion, get_dnc_facts
from governance.services.dnc_entries import NewDncEntry, add_dnc_entry

SYSTEM = Actor("system", "opt-outs")
OTHER_KEY = base64.b64encode(b"k" * 32).decode()


def list_entry(workspace: Workspace, value: str, kind: str = "email", **changes: Any) -> UUID:
    """An entry in force from now on."""
    values: dict[str, Any] = {"kind": kind, "value": value, "reason": "asked not to be contacted", "source": "opt_out"}
    now = changes.pop("now", None) or get_now()
    return add_dnc_entry(workspace_id=workspace.pk, entry=NewDncEntry(**{**values, **changes}), actor=SYSTEM, now=now)


def email(address: str, record_id: str = "") -> RecipientFacts:
    return RecipientFacts(kind="email", address=address, object="contacts" if record_id else "", record_id=record_id)


def ask(workspace: Workspace, *recipients: RecipientFacts | str, connection: str = "embedded") -> Any:
    """What the list says of these people now."""
    asked = tuple(email(item) if isinstance(item, str) else item for item in recipients)
    question = DncQuestion(workspace_id=workspace.pk, connection=connection, recipients=asked)
    return get_dnc_facts([question], now=get_now())[0]


def kinds(facts: Any) -> list[str]:
    return [hit.kind for hit in facts.hits]
