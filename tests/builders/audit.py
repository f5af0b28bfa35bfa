"""Rows of the ledger for tests: events through the service, tampering as the owner of the database."""

import contextlib
import uuid
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_events
from audit.services.checkpoint import sign_checkpoint
from audit.services.sequence import sequence_pending
from tests.emptying import triggers_lifted

NOW = datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)


def new_event(**changes: Any) -> NewEvent:
    """An event as the product writes them; any member can be replaced."""
    members: dict[str, Any] = {
        "type": "request.received",
        "workspace": "acme",
        "actor": Actor("agent", "agent.enrichment"),
        "subject": Subject("request", str(uuid.uuid4())),
        "correlation_id": "corr-1",
        "data": {"fields": ["industry"]},
    }
    return NewEvent(**(members | changes))


def append(*events: NewEvent, now: datetime = NOW) -> list[uuid.UUID]:
    """Append in a transaction of its own."""
    with transaction.atomic():
        return append_events(list(events), now=now)


def fill_ledger(count: int, **changes: Any) -> list[uuid.UUID]:
    """Append `count` events, sequence them and sign."""
    ids = append(*[new_event(data={"number": number}, **changes) for number in range(count)])
    while sequence_pending(now=NOW):
        pass
    sign_checkpoint(now=NOW)
    return ids


def owner_rights() -> contextlib.AbstractContextManager[None]:
    """Inside, the ledger's triggers are gone: what the database's owner could do. Needs a test that commits."""
    return triggers_lifted()


def execute(sql: str, *parameters: Any) -> None:
    """Raw SQL, as someone with a database client would send it."""
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
