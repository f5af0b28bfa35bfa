"""Records as Tryton holds them. A record that was archived (`active` is false) is not found."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from crm_connectors.domain.record import ChangedPage, ChangedRecord, JsonValue, Page, Record
from crm_connectors.port import AmbiguousError, NotFoundError
from crm_connectors.tryton.describing import ACTIVE, ObjectInfo
from crm_connectors.tryton.rpc import Tryton
from crm_connectors.tryton.values import moment_to_wire, of_field, read_moment, to_wire

TIMESTAMP = "_timestamp"
"""The record's concurrency stamp: the moment of its last write, in microseconds."""

_KEPT = (TIMESTAMP, "write_date", "create_date", "write_uid", "create_uid")
_ID = re.compile(r"[1-9][0-9]{0,9}")
_MAX_ID = 2**31 - 1
_MANY = 500


def read_row(tryton: Tryton, info: ObjectInfo, record_id: str, fields: Iterable[str]) -> dict[str, Any]:
    """The record as it is on the wire, with its stamp. One call. Raises NotFoundError when the server finds none: a
    call that fails says nothing about the record."""
    if not is_id(record_id):
        raise NotFoundError(f"no `{info.name}` has this id")
    rows = _search(tryton, info, [["id", "=", int(record_id)]], fields, limit=1)
    if not rows or rows[0].get(ACTIVE) is False:
        raise NotFoundError(f"no `{info.name}` has this id")
    row: dict[str, Any] = rows[0]
    return row


def is_archived(tryton: Tryton, info: ObjectInfo, record_id: str) -> bool:
    """Whether the server shows the record, archived. One call; whatever goes wrong with it is no proof, and raised as
    it is. Raises AmbiguousError when it shows none: it may be gone, or hidden from us by an access rule."""
    domain: list[Any] = [["id", "=", int(record_id)]]
    if info.is_archivable:
        domain.append([ACTIVE, "in", [True, False]])  # without this, archived records are left out
    rows = _search(tryton, info, domain, (), limit=1)
    if not rows:
        raise AmbiguousError("the server shows no such record: it is gone, or an access rule hides it from us")
    return rows[0].get(ACTIVE) is False


def read_rows(tryton: Tryton, info: ObjectInfo, ids: Sequence[str], fields: Sequence[str]) -> dict[str, Record]:
    """Records by id; one call for each 500 ids."""
    found: dict[str, Record] = {}
    known = [int(one) for one in dict.fromkeys(ids) if is_id(one)]
    for start in range(0, len(known), _MANY):
        domain = [["id", "in", known[start : start + _MANY]]]
        rows = _search(tryton, info, domain, fields, limit=_MANY)
        found |= {str(row["id"]): to_record(info, row, fields) for row in rows}
    return found


def search_rows(
    tryton: Tryton,
    info: ObjectInfo,
    filters: dict[str, JsonValue],
    fields: Sequence[str],
    *,
    limit: int,
    after: str,
) -> Page:
    """One page by id. One call."""
    if after and not is_id(after):
        raise NotFoundError("no such page")
    domain: list[Any] = [["id", ">", int(after or 0)]]
    for name, value in filters.items():
        domain.append(_equals(info, name, value))
    rows = _search(tryton, info, domain, fields, limit=limit + 1)
    records = tuple(to_record(info, row, fields) for row in rows[:limit])
    return Page(records, after=records[-1].id if len(rows) > limit else "")


def list_changed(tryton: Tryton, info: ObjectInfo, *, since: datetime, after: str, limit: int) -> ChangedPage:
    """One call. What was made and never written since is left out: its log tells nothing."""
    at = moment_to_wire(since.astimezone(UTC))
    same = [["write_date", "=", at], ["id", ">", int(after or 0)]]
    domain = ["OR", [["write_date", ">", at]], same]
    order = [["write_date", "ASC"], ["id", "ASC"]]
    rows = tryton.call(f"model.{info.name}.search_read", domain, 0, limit, order, ["write_date"], {})
    records = tuple(ChangedRecord(str(row["id"]), read_moment(row["write_date"])) for row in rows)
    return ChangedPage(records, is_last=len(records) < limit)


def to_record(info: ObjectInfo, row: dict[str, Any], fields: Iterable[str]) -> Record:
    """A row of the wire in our words."""
    changed = row.get("write_date") or row.get("create_date")
    return Record(
        object=info.name,
        id=str(row["id"]),
        version=row[TIMESTAMP],
        values={name: of_field(info.fields[name], row[name]) for name in fields},
        modified_at=read_moment(changed) if changed else None,
    )


def is_id(text: str) -> bool:
    """Whether it can be the id of a record."""
    return bool(_ID.fullmatch(text)) and int(text) <= _MAX_ID


def _search(tryton: Tryton, info: ObjectInfo, domain: list[Any], fields: Iterable[str], *, limit: int) -> list[Any]:
    rows = tryton.call(f"model.{info.name}.search_read", domain, 0, limit, [["id", "ASC"]], _asked(info, fields), {})
    return list(rows)


def _asked(info: ObjectInfo, fields: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*fields, *_KEPT, *([ACTIVE] if info.is_archivable else [])]))


def _equals(info: ObjectInfo, name: str, value: JsonValue) -> list[Any]:
    """An empty text is empty too."""
    field = info.fields[name]
    if value is None and field.wire_type in ("char", "text", "fullText"):
        return ["OR", [name, "=", None], [name, "=", ""]]
    return [name, "=", to_wire(field, value)]
