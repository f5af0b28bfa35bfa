"""Working on schema syncs that somebody asked for: the row is the job (REG-01)."""

import structlog

from audit.selectors.clock import get_now
from crm_connectors.port import ConnectorError
from crm_connectors.services.connectors import get_connector
from governance.models import SchemaSync
from governance.services.registry import record_schema
from governance.services.schema_syncs import fail_sync, finish_sync, note_asked, take_sync

log = structlog.get_logger(__name__)
BROKEN = "sync_broke"


def work_on_syncs() -> bool:
    """Do the oldest sync that is due; whether there was one. Never called inside a transaction.

    The CRM is asked outside of any transaction. What it answers with an error ends the job with the connector's code.
    """
    row = take_sync(now=get_now())
    if row is None:
        return False
    try:
        _sync(row)
    except ConnectorError as error:
        fail_sync(row, code=error.code, problem=str(error), now=get_now())
    except Exception:
        log.exception("a schema sync broke", sync=str(row.pk))
        fail_sync(row, code=BROKEN, problem="it broke on our side: the log says how", now=get_now())
    return True


def _sync(row: SchemaSync) -> None:
    schema = get_connector(row.connection_id, kind=row.connection.kind).describe()
    note_asked(row)
    change = record_schema(connection_id=row.connection_id, schema=schema, now=get_now())
    finish_sync(row, change=change, now=get_now())
