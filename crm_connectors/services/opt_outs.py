"""Opt-outs that a CRM tells of: received at the door, kept as rows, brought to the do-not-contact list (DNC-04)."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings

from audit.selectors.clock import get_now
from crm_connectors.hubspot.hooks import is_in_form, is_signed, read_events
from crm_connectors.hubspot.settings import CLIENT_SECRET
from crm_connectors.models import ReceivedOptOut
from crm_connectors.port import AuthError, ConnectorError, NotFoundError
from crm_connectors.services.connection_events import ITSELF
from crm_connectors.services.connectors import get_connector
from crm_connectors.services.secrets import open_secret
from governance.domain.dnc_key import DncKind, InvalidRecipientError
from governance.models import Connection
from governance.services.dnc_entries import NewDncEntry, add_dnc_entry

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
MAX_PAUSE = timedelta(hours=6)


class HookRefusedError(ValueError):
    """This delivery is none of HubSpot's, or too old. Never says why: whoever asks may be guessing."""

    code = "hook_refused"


def receive_hubspot_news(
    *, connection_id: UUID, path: str, body: bytes, signature: str, timestamp: str, now: datetime
) -> None:
    """Keep the opt-outs of a signed delivery, each once, however often it is delivered. Other events are not kept:
    drift is read from the CRM's own history.

    `path` as it was called, with its query: HubSpot signs the address that PUBLIC_URL and it make. Commits the rows.
    Raises HookRefusedError.
    """
    try:
        connection = Connection.objects.filter(pk=connection_id, kind="hubspot").first()
        if connection is None or not is_in_form(signature=signature, timestamp=timestamp, now=now):
            raise HookRefusedError
        secret = open_secret(connection_id=connection_id, name=CLIENT_SECRET).reveal()
        uri = f"{settings.PUBLIC_URL}{path}"
        if not is_signed(secret=secret, signature=signature, timestamp=timestamp, uri=uri, body=body, now=now):
            raise HookRefusedError
        events = [event for event in read_events(body) if event.is_opt_out]
    except (AuthError, ValueError) as error:
        raise HookRefusedError("refused") from error
    rows = [
        ReceivedOptOut(
            connection_id=connection_id,
            digest=event.digest,
            record_id=str(event.object_id)[:20],
            received_at=now,
            not_before=now,
        )
        for event in events
    ]
    ReceivedOptOut.objects.bulk_create(rows, ignore_conflicts=True)


def work_on_opt_outs() -> bool:
    """Bring the oldest due opt-out to the do-not-contact list; whether there was one. Never inside a transaction.

    The address is read from the CRM: the event names a contact alone. What the CRM cannot say now is asked again, after
    longer and longer pauses. A second entry for one address does no harm.
    """
    row = _take(get_now())
    if row is None:
        return False
    try:
        result = _bring(row)
    except ConnectorError as error:
        log.warning("opt-out waits", connection_id=str(row.connection_id), code=error.code)
        pause = min(timedelta(minutes=1) * 2**row.tries_count, MAX_PAUSE)
        ReceivedOptOut.objects.filter(pk=row.pk).update(not_before=get_now() + pause, tries_count=row.tries_count + 1)
        return True
    ReceivedOptOut.objects.filter(pk=row.pk).update(done_at=get_now(), result=result)
    return True


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
    try:
        contact = connector.read(object_type="contacts", record_id=row.record_id, fields=["email"])
    except NotFoundError:
        return "record_gone"
    entry = NewDncEntry(
        kind=DncKind.EMAIL,
        value=str(contact.values["email"] or ""),
        reason="opted out of e-mail at HubSpot",
        source="opt_out",
    )
    try:
        add_dnc_entry(workspace_id=row.connection.workspace_id, entry=entry, actor=ITSELF, now=get_now())
    except InvalidRecipientError:
        return "no_address"
    return "listed"
