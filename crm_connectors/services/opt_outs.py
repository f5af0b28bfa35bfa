"""Opt-outs that a CRM tells of: received at the door, kept as rows, brought to the do-not-contact list (DNC-04)."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import transaction

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from audit.services.append import append_event
from crm_connectors.hubspot.connector import KIND as HUBSPOT
from crm_connectors.hubspot.connector import HubSpotConnector
from crm_connectors.hubspot.hooks import is_in_form, is_signed, read_news
from crm_connectors.hubspot.settings import CLIENT_SECRET, HubSpotSettings
from crm_connectors.models import ReceivedOptOut
from crm_connectors.port import ConnectorError, NotFoundError
from crm_connectors.selectors.endpoint import get_endpoint_settings
from crm_connectors.services.connection_events import ITSELF, connection_event
from crm_connectors.services.connectors import UnknownKindError, get_connector, read_settings
from crm_connectors.services.observations import tell_of_records
from crm_connectors.services.secrets import open_secret
from governance.domain.dnc_key import DncKind, InvalidRecipientError
from governance.models import Connection
from governance.services.dnc_entries import NewDncEntry, add_dnc_entry

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
MAX_PAUSE = timedelta(hours=6)
MAX_TRIES = 11
"""After so many, over half a day, it waits for a person: the pauses double from a minute to MAX_PAUSE."""


class HookRefusedError(ValueError):
    """This delivery is none of HubSpot's, or too old. Never says why: whoever asks may be guessing."""

    code = "hook_refused"


def receive_hubspot_news(
    *, connection_id: UUID, path: str, body: bytes, signature: str, timestamp: str, now: datetime
) -> None:
    """Keep the opt-outs of a signed delivery, each once, however often it is delivered, and which records it speaks
    of: what became of those is then read from the CRM's own history. Nothing else of it is kept.

    `path` as it was called, with its query: HubSpot signs the address that PUBLIC_URL and it make. The connection must
    name its portal, whose news alone are kept. Commits the rows. Raises HookRefusedError.
    """
    try:
        if not is_in_form(signature=signature, timestamp=timestamp, now=now):
            raise HookRefusedError
        portal_id = _read_portal_id(connection_id)
        secret = open_secret(connection_id=connection_id, name=CLIENT_SECRET).reveal()
        uri = f"{settings.PUBLIC_URL}{path}"
        if not is_signed(secret=secret, signature=signature, timestamp=timestamp, uri=uri, body=body, now=now):
            raise HookRefusedError
        news = read_news(body, portal_id=portal_id)
    except (ConnectorError, ValueError) as error:
        raise HookRefusedError("refused") from error
    rows = [
        ReceivedOptOut(
            connection_id=connection_id,
            digest=event.digest,
            record_id=str(event.object_id),
            received_at=now,
            not_before=now,
        )
        for event in news.opt_outs
    ]
    ReceivedOptOut.objects.bulk_create(rows, ignore_conflicts=True)
    tell_of_records(connection_id=connection_id, records=news.records, now=now)


def _read_portal_id(connection_id: UUID) -> str:
    """Raises HookRefusedError where there is no connection to HubSpot that names its portal, ConnectorError."""
    if not Connection.objects.filter(pk=connection_id, kind=HUBSPOT.kind).exists():
        raise HookRefusedError
    told = read_settings(HUBSPOT, get_endpoint_settings(connection_id))
    if not isinstance(told, HubSpotSettings) or not told.portal_id:
        log.warning("webhook refused: the connection names no portal", connection_id=str(connection_id))
        raise HookRefusedError
    return told.portal_id


def work_on_opt_outs() -> bool:
    """Bring the oldest due opt-out to the do-not-contact list; whether there was one. Never inside a transaction.

    The addresses are read from the CRM: the event names a contact alone. What cannot be said or kept now, for whatever
    reason, is tried again, after longer and longer pauses, and keeps nothing else waiting. After MAX_TRIES it waits for
    a person, with `opt_out.stuck` on record, which opens an exception; it is never dropped. A second entry for one
    address does no harm.
    """
    row = _take(get_now())
    if row is None:
        return False
    try:
        result = _bring(row)
    except ConnectorError as error:
        log.warning("opt-out waits", connection_id=str(row.connection_id), code=error.code)
        _put_off(row, error.code)
    except SoftTimeLimitExceeded:
        raise  # this worker ends: the row is due again when its lease is over
    except Exception as error:
        log.exception("opt-out failed", connection_id=str(row.connection_id))
        _put_off(row, type(error).__name__)
    else:
        ReceivedOptOut.objects.filter(pk=row.pk).update(done_at=get_now(), result=result)
    return True


def retry_stuck_opt_outs(*, connection_id: UUID, actor: Actor, now: datetime) -> int:
    """Let those that wait for a person be tried again at once, with all their tries; how many.

    Commits the rows and, where there are any, `opt_out.retried`. Raises LedgerUnavailableError."""
    stuck = ReceivedOptOut.objects.filter(connection=connection_id, done_at=None, stuck_at__isnull=False)
    with transaction.atomic():
        count = stuck.update(stuck_at=None, tries_count=0, not_before=now)
        if count:
            append_event(
                connection_event("opt_out.retried", connection_id, actor=actor, data={"count": count}), now=now
            )
    return count


def _put_off(row: ReceivedOptOut, code: str) -> None:
    """Commits when it is tried again; or, after the last try, that it is stuck, with its event."""
    now, tries = get_now(), row.tries_count + 1
    same = ReceivedOptOut.objects.filter(pk=row.pk)
    if tries < MAX_TRIES:
        pause = min(timedelta(minutes=1) * 2**row.tries_count, MAX_PAUSE)
        same.update(not_before=now + pause, tries_count=tries)
        return
    data = {"code": code, "tries": tries, "record_id": row.record_id}
    with transaction.atomic():
        same.update(stuck_at=now, tries_count=tries)
        append_event(connection_event("opt_out.stuck", row.connection_id, actor=ITSELF, data=data), now=now)


def _take(now: datetime) -> ReceivedOptOut | None:
    """The oldest due row, for LEASE; None when there is none or another worker was faster."""
    rows = ReceivedOptOut.objects.filter(done_at=None, stuck_at=None, not_before__lte=now)
    row = rows.select_related("connection").order_by("not_before").first()
    if row is None or not rows.filter(pk=row.pk, not_before=row.not_before).update(not_before=now + LEASE):
        return None
    return row


def _bring(row: ReceivedOptOut) -> str:
    """Raises ConnectorError when the CRM cannot say who it is."""
    connector = get_connector(row.connection_id, kind=row.connection.kind)
    if not isinstance(connector, HubSpotConnector):
        raise UnknownKindError("opt-outs come from HubSpot alone")
    try:
        found = connector.read_addresses(row.record_id)
    except NotFoundError:
        return "record_gone"
    listed = [address for address in found if _list(row, address)]
    return "listed" if listed else "no_address"


def _list(row: ReceivedOptOut, address: str) -> bool:
    """Whether it is an address."""
    entry = NewDncEntry(kind=DncKind.EMAIL, value=address, reason="opted out of e-mail at HubSpot", source="opt_out")
    try:
        add_dnc_entry(workspace_id=row.connection.workspace_id, entry=entry, actor=ITSELF, now=get_now())
    except InvalidRecipientError:
        return False
    return True
