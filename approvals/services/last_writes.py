"""When fields that have a window were last written, as the CRM's own history says (REG-09).

Read where the record is read, and only for requests that change such a field: outside every transaction, in one call
for any number of records. It is no fact of our own tables: people write at the CRM too.
"""

from collections.abc import Collection, Sequence

import structlog

from crm_connectors.domain.record import HistoryEntry
from crm_connectors.port import Connector
from governance.domain.facts import Facts, LastWrite
from governance.domain.index import PolicyIndex
from governance.domain.reading import windowed_fields

log = structlog.get_logger(__name__)

LastWrites = tuple[LastWrite, ...] | None
"""None: the CRM could not say."""


def read_last_writes(
    connector: Connector, *, object_type: str, record_ids: Sequence[str], fields: Collection[str]
) -> dict[str, LastWrites]:
    """The newest change of each field by record. No call without fields. Never raises: what cannot be read is None."""
    if not fields or not record_ids:
        return dict.fromkeys(record_ids, ())
    try:
        found = connector.last_changes(object_type=object_type, record_ids=record_ids, fields=sorted(fields))
    except Exception:
        log.exception("history could not be read", object=object_type)
        return dict.fromkeys(record_ids)
    return {record_id: tuple(map(_last_write, found.get(record_id, ()))) for record_id in record_ids}


def asked_windows(index: PolicyIndex, facts: Facts) -> frozenset[str]:
    """The fields with a window that this proposal may change; none for what a person asks."""
    if facts.agent is None:
        return frozenset()
    names = facts.request.changes
    return windowed_fields(index, connection=facts.connection.name, object_type=facts.request.object, fields=names)


def _last_write(entry: HistoryEntry) -> LastWrite:
    """Ours are known by the operation's key; a person's request names the person as its actor."""
    is_by_agent = entry.operation_key.startswith("request:") and not entry.actor.startswith("person:")
    return LastWrite(field=entry.field, at=entry.at, is_by_agent=is_by_agent)
