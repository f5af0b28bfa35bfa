"""The work of a sandbox copy: a page of records read from the source, masked, and made in the sandbox (SBX-02).

Records and mark are one transaction: a worker that dies leaves a whole page or none, and the next goes on behind it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from crm_connectors.adapters.sealing import derive_key
from crm_connectors.domain.masking import MaskedField, mask_record
from crm_connectors.domain.record import JsonValue, Record
from crm_connectors.embedded.write import Author, create_record, lock_object
from crm_connectors.models import SandboxCopy
from crm_connectors.models.sandbox_copy import OPEN
from crm_connectors.port import Connector, ConnectorError, RejectedError, TransientError
from crm_connectors.services.connectors import get_connector
from crm_connectors.services.sandbox_copies import LEASE, SandboxCopyError, end_copy, ensure_sandbox
from crm_connectors.services.sandbox_schema import fill_required, list_masked_fields, mirror_object
from governance.models import Connection

PAGE = 100
PAUSE = timedelta(minutes=1)
_BY = Actor("system", "sandbox_copy")
_PURPOSE = "sandbox mask"

log = structlog.get_logger(__name__)


def work_on_copies() -> bool:
    """A page of the oldest copy that is due; whether there was one. Never inside a transaction: it reads a CRM.

    What the CRM cannot answer now is asked again in a minute; what it refuses ends the copy with the connector's code.
    """
    now = get_now()
    rows = SandboxCopy.objects.filter(state__in=OPEN, not_before__lte=now)
    row = rows.select_related("source__workspace", "target").order_by("not_before").first()
    if row is None or not rows.filter(pk=row.pk, not_before=row.not_before).update(
        state="working", not_before=now + LEASE
    ):
        return False
    try:
        _turn(row, now)
    except TransientError as error:
        log.warning("a sandbox copy waits", copy=str(row.pk), code=error.code)
        SandboxCopy.objects.filter(pk=row.pk, state__in=OPEN).update(not_before=now + PAUSE, problem_code=error.code)
    except (ConnectorError, SandboxCopyError) as error:
        end_copy(row, state="failed", code=error.code, actor=_BY, now=now)
    except Exception:
        log.exception("a sandbox copy broke", copy=str(row.pk))
        end_copy(row, state="failed", code="broken", actor=_BY, now=now)
    return True


def _turn(row: SandboxCopy, now: datetime) -> None:
    ensure_sandbox(row.source, row.target)
    offered = mirror_object(row.source_id, row.target_id, row.object_type, now=now)
    fields = list_masked_fields(row.source_id, row.object_type, offered)
    connector = get_connector(row.source_id, kind=row.source.kind)
    records, seen, after = _read_page(row, connector, [field.name for field in fields])
    is_done = not after or row.seen_count + seen >= row.most
    if _keep_page(row, records, fields, seen=seen, after=after, now=now) and is_done:
        end_copy(row, state="done", code="", actor=_BY, now=now)


def _read_page(row: SandboxCopy, connector: Connector, names: Sequence[str]) -> tuple[Sequence[Record], int, str]:
    """Records, how many of those asked for that were, and the mark behind them; empty at the end."""
    room = min(PAGE, row.most - row.seen_count)
    if row.record_ids:
        start = int(row.after or 0)
        asked = row.record_ids[start : start + room]
        found = connector.read_many(object_type=row.object_type, record_ids=asked, fields=names)
        end = start + len(asked)
        return list(found.values()), len(asked), str(end) if end < len(row.record_ids) else ""
    page = connector.search(
        object_type=row.object_type, filters=dict(row.filters), fields=names, limit=room, after=row.after
    )
    return page.records, len(page.records), page.after


def _keep_page(
    row: SandboxCopy,
    records: Sequence[Record],
    fields: Sequence[MaskedField],
    *,
    seen: int,
    after: str,
    now: datetime,
) -> bool:
    """Make the masked records and move the mark; False when somebody ended the copy meanwhile. Raises
    SandboxCopyError when the target is no sandbox any more."""
    key = derive_key(_PURPOSE) + row.source.workspace_id.bytes
    with transaction.atomic():
        target = Connection.objects.select_for_update().get(pk=row.target_id)
        ensure_sandbox(row.source, target)
        ours = SandboxCopy.objects.select_for_update().filter(pk=row.pk, state__in=OPEN, after=row.after)
        current = ours.first()
        if current is None or current.seen_count != row.seen_count:
            return False
        made = sum(_make(target, row.object_type, mask_record(key, fields, one.values), now) for one in records)
        ours.update(
            after=after,
            seen_count=row.seen_count + seen,
            copied_count=current.copied_count + made,
            not_before=now,
            problem_code="",
        )
    return True


def _make(target: Connection, object_type: str, values: dict[str, JsonValue], now: datetime) -> bool:
    """Whether it was made. What the sandbox does not take as it is, is left out; what it requires is made up."""
    crm_object = lock_object(target.pk, object_type)
    author = Author(actor="import:sandbox-copy", at=now)
    for _ in range(2):
        try:
            create_record(crm_object, values, author=author)
        except RejectedError as error:
            values = {name: value for name, value in values.items() if name not in error.errors}
            values |= fill_required(crm_object.pk, error.errors)
        else:
            return True
    return False
