"""Who changed a field last, by Tryton's log (`ir.model.log`): it names fields, users and times, and keeps no values."""

from collections.abc import Sequence
from typing import Any

from crm_connectors.domain.record import HistoryEntry, JsonValue
from crm_connectors.port import RejectedError
from crm_connectors.tryton.describing import ObjectInfo
from crm_connectors.tryton.reading import is_id
from crm_connectors.tryton.rpc import Tryton
from crm_connectors.tryton.values import read_moment

_NEWEST = 1_000


def list_last_changes(
    tryton: Tryton, info: ObjectInfo, record_ids: Sequence[str], fields: Sequence[str], current: dict[str, Any]
) -> dict[str, tuple[HistoryEntry, ...]]:
    """The newest change of each field by record, from the newest thousand lines of each record's log. `current` are
    the values by id and name. `before` is not kept by this CRM, and None. One call for each record. Raises
    RejectedError for a model of Tryton's own (`ir.…`), of which it keeps no log."""
    if info.name.startswith("ir."):
        raise RejectedError(f"this CRM keeps no log of `{info.name}`")
    found: dict[str, tuple[HistoryEntry, ...]] = {}
    for record_id in dict.fromkeys(record_ids):
        if is_id(record_id) and record_id in current:
            entries = _of_record(tryton, info, record_id, fields, current[record_id])
            found |= {record_id: entries} if entries else {}
    return found


def _of_record(
    tryton: Tryton, info: ObjectInfo, record_id: str, fields: Sequence[str], values: dict[str, JsonValue]
) -> tuple[HistoryEntry, ...]:
    domain = [["resource", "=", f"{info.name},{record_id}"], ["event", "=", "write"]]
    names = ["target", "create_date", "user.login"]
    rows = tryton.call("model.ir.model.log.search_read", domain, 0, _NEWEST, [["id", "DESC"]], names, {})
    newest: dict[str, HistoryEntry] = {}
    for row in rows:
        for name in (row["target"] or "").split(","):
            if name in fields and name not in newest:
                login = (row.get("user.") or {}).get("login") or ""
                newest[name] = HistoryEntry(
                    field=name,
                    before=None,
                    after=values.get(name),
                    actor=login,
                    at=read_moment(row["create_date"]),
                    writer=login,
                )
    return tuple(newest.values())
