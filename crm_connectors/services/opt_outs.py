"""Opt-outs that a CRM tells of: received at the door, kept as rows, brought to the do-not-contact list (DNC-04)."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings

from audit.selectors.clock import get_now
from crm_connectors.hubspot.connector import KIND as HUBSPOT
from crm_connectors.hubspot.connector import HubSpotConnector
from crm_connectors.hubspot.hooks import is_in_form, is_signed, read_opt_outs
from crm_connectors.hubspot.settings import CLIENT_SECRET, HubSpotSettings
from crm_connectors.models import ReceivedOptOut
from crm_connectors.port import ConnectorError, NotFoundError
from crm_connectors.selectors.endpoint import get_endpoint_settings
from crm_connectors.services.connection_events import ITSELF
from crm_connectors.services.connectors import UnknownKindError, get_connector, read_settings
from crm_connectors.services.secrets import open_secret
from governance.domain.dnc_key import DncKind, InvalidRecipientError
from governance.models import Connection
from governance.services.dnc_entries import NewDncEntry, add_dnc_entry

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
MAX_PAUSE = timedelta(hours=6)
MAX_DOUBLINGS = 10
"""Of a pause of a minute: beyond MAX_PAUSE, far below what a time span can hold."""


class HookRefusedError(ValueError):
    """This delivery is none of HubSpot's, or too old. Never says why: whoever asks may be guessing."""

    code = "hook_refused"


def receive_hubspot_news(
    *, connection_id: UUID, path: str, body: bytes, signature: str, timestamp: str, now: datetime
) -> None:
    """Keep the opt-outs of a signed delivery, each once, however often it is delivered. Other events are not kept:
    drift is read from the CRM's own history.

    `path` as it was called, with its query: HubSpot signs the address that PUBLIC_URL and it make. The connection must
    name its portal, whose opt-outs alone are kept. Commits the rows. Raises HookRefusedError.
    """
    try:
        if not is_in_form(signature=signature, timestamp=timestamp, now=now):
            raise HookRefusedError
        portal_id = _read_portal_id(connection_id)
        secret = open_secret(connection_id=connection_id, name=CLIENT_SECRET).reveal()
        uri = f"{settings.PUBLIC_URL}{path}"
        if not is_signed(secret=secret, signature=signature, timestamp=timestamp, uri=uri, body=body, now=now):
            raise HookRefusedError
        events = read_opt_outs(body, portal_id=portal_id)
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
        for event in events
    ]
    ReceivedOptOut.objects.bulk_create(rows, ignore_conflicts=True)


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
    reason, is tried again, after longer and longer pauses, and keeps nothing else waiting. A second entry for one
    address does no harm.
    """
    row = _take(get_now())
    if row is None:
        return False
    try:
        result = _bring(row)
    except ConnectorError as error:
        log.warning("opt-out waits", connection_id=str(row.connection_id), code=error.code)
        _put_off(row)
    except SoftTimeLimitExceeded:
        raise  # this worker ends: the row is due again when its lease is over
    except Exception:
        log.exception("opt-out failed", connection_id=str(row.connection_id))
        _put_off(row)
    else:
        ReceivedOptOut.objects.filter(pk=row.pk).update(done_at=get_now(), result=result)
    return True


def _put_off(row: ReceivedOptOut) -> None:
    pause = min(timedelta(minutes=1) * 2 ** min(row.tries_count, MAX_DOUBLINGS), MAX_PAUSE)
    ReceivedOptOut.objects.filter(pk=row.pk).update(not_before=get_now() + pause, tries_count=row.tries_count + 1)


def _take(now: datetime) -> ReceivedOptOut | None:
    """The oldest due row, for LEASE; None when there is none or another worker was faster."""
    rows = ReceivedOptOut.objects.filter(done_at=None, not_before__lte=now)
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
