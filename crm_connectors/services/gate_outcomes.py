"""What a call through the gate teaches: each outcome one transaction on the connection's row (F28, F40)."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import DatabaseError, transaction

from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError, append_event
from crm_connectors.domain.gate import MAX_FAILURES, pause_seconds
from crm_connectors.models import ConnectionGate
from crm_connectors.port import AuthError, ConnectorError, LimitedError
from crm_connectors.services.connection_events import ITSELF, connection_event
from crm_connectors.services.pause_ending import AUTH, CLOSED

log = structlog.get_logger(__name__)

TRANSIENT = "transient"
_OUTCOME_COLUMNS = (
    "state", "reason", "message", "failures_count", "opened_at", "opens_next_at", "pauses_count", "not_before",
)  # fmt: skip


def note_good(connection_id: UUID) -> None:
    """The CRM served a call: no failures in a row any more, and an open breaker closes."""
    _note(connection_id, None)


def note_failure(connection_id: UUID, error: ConnectorError) -> None:
    """The CRM did not serve a call (TransientError, AmbiguousError), asked for time (LimitedError), or refused our
    credential (AuthError)."""
    _note(connection_id, error)


def _note(connection_id: UUID, error: ConnectorError | None) -> None:
    """The call's own outcome comes first: what could not be noted is logged, and the next call notes its own."""
    try:
        with transaction.atomic():
            row = ConnectionGate.objects.select_for_update().get(pk=connection_id)
            _learn(row, error, get_now())
            row.save(update_fields=_OUTCOME_COLUMNS)
    except (DatabaseError, LedgerUnavailableError):
        log.exception("outcome of a call not noted", connection_id=str(connection_id))


def _learn(row: ConnectionGate, error: ConnectorError | None, now: datetime) -> None:
    match error:
        case AuthError():
            _open(row, AUTH, str(error), now)
        case LimitedError():
            until = now + timedelta(seconds=error.retry_after_seconds or 1.0)
            row.not_before = max(until, row.not_before or until)
            _close(row, now)
        case ConnectorError():
            row.failures_count += 1
            if row.state == "half_open" or (row.state == "closed" and row.failures_count >= MAX_FAILURES):
                _open(row, TRANSIENT, str(error), now)
        case None:
            _close(row, now)


def _open(row: ConnectionGate, reason: str, message: str, now: datetime) -> None:
    """A refused credential heals by no waiting; all else is tried again, each time after a longer pause."""
    is_news = row.state == "closed" or row.reason != reason
    row.state, row.reason, row.message = "open", reason, message[:300]
    row.opened_at = row.opened_at or now
    row.opens_next_at = None if reason == AUTH else now + timedelta(seconds=pause_seconds(row.pauses_count))
    row.pauses_count += 1
    if is_news:
        _record(row, "connection.paused", {"reason": reason, "failures": row.failures_count}, now)


def _close(row: ConnectionGate, now: datetime) -> None:
    """A call that went well proves that the CRM is back; it is no proof for a credential that a later call was
    refused with."""
    if row.state != "closed" and row.reason != AUTH:
        _record(row, "connection.resumed", {"reason": "served"}, now)
    if row.reason != AUTH:
        for name, value in CLOSED.items():
            setattr(row, name, value)


def _record(row: ConnectionGate, event_type: str, data: dict[str, object], now: datetime) -> None:
    append_event(connection_event(event_type, row.connection_id, actor=ITSELF, data=data), now=now)
