"""What Salesforce tells of changes: rows of history objects where a field is tracked, the record's own stamps else.

Describe does not say which fields are tracked. So a field without rows is never said to be untouched: as long as the
record was changed at all since it was made, its last change is given as the time of the record's, which is the latest
that it can be. Who reads this to keep off fresh edits errs on the side of keeping off.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crm_connectors.domain.record import HistoryEntry, JsonValue
from crm_connectors.port import NotFoundError
from crm_connectors.salesforce import soql
from crm_connectors.salesforce.naming import check_id, check_name, find_ids, from_wire, read_moment
from crm_connectors.salesforce.reading import query, read_many
from crm_connectors.salesforce.session import SalesforceSession

_COLUMNS = ("Field", "OldValue", "NewValue", "CreatedById", "CreatedDate")
_STAMPS = ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById")
_IDS_PER_QUERY = 150
"""So that a query stays within an address's length."""
Rows = dict[str, list[dict[str, Any]]]


class Changes:
    """The history of one object. `key_field` is its name where this object has it, else empty."""

    def __init__(self, session: SalesforceSession, object_type: str, key_field: str) -> None:
        self._session = session
        self._object = check_name(object_type)
        self._key_field = key_field

    def list_of(self, record_id: str, fields: Sequence[str]) -> tuple[HistoryEntry, ...]:
        """What the history holds of these fields, newest first. Two calls. Raises NotFoundError."""
        record_id = check_id(record_id)
        rows, values = self._read([record_id], fields)
        if record_id not in values:
            raise NotFoundError("there is no such record")
        entries = [
            entry for name in fields for entry in self._entries(rows.get(record_id, []), name, values[record_id])
        ]
        return tuple(sorted(entries, key=lambda entry: entry.at, reverse=True))

    def newest_of(self, record_ids: Sequence[str], fields: Sequence[str]) -> dict[str, tuple[HistoryEntry, ...]]:
        """The newest change of each field, by the ids asked for. Two calls for each 150 records."""
        asked = find_ids(record_ids)
        wanted = list(dict.fromkeys(asked.values()))
        newest: dict[str, tuple[HistoryEntry, ...]] = {}
        for start in range(0, len(wanted), _IDS_PER_QUERY):
            part = wanted[start : start + _IDS_PER_QUERY]
            rows, values = self._read(part, fields)
            for record_id in part:
                if record_id in values:
                    entries = (self._newest(rows.get(record_id, []), name, values[record_id]) for name in fields)
                    newest[record_id] = tuple(entry for entry in entries if entry is not None)
        return {record_id: newest[found] for record_id, found in asked.items() if newest.get(found)}

    def told_of(self, record_ids: Sequence[str], fields: Sequence[str]) -> dict[str, tuple[HistoryEntry, ...]]:
        """What the history holds, newest first, and for each record who changed it last, whichever field: of untracked
        ones nothing else is told. By the ids asked for. Two calls for each 150 records."""
        asked = find_ids(record_ids)
        wanted = list(dict.fromkeys(asked.values()))
        told: dict[str, tuple[HistoryEntry, ...]] = {}
        for start in range(0, len(wanted), _IDS_PER_QUERY):
            part = wanted[start : start + _IDS_PER_QUERY]
            rows, values = self._read(part, fields)
            told |= {one: self._all(rows.get(one, []), fields, values[one]) for one in part if one in values}
        return {record_id: told[found] for record_id, found in asked.items() if found in told}

    def _all(
        self, rows: list[dict[str, Any]], fields: Sequence[str], values: dict[str, JsonValue]
    ) -> tuple[HistoryEntry, ...]:
        entries = [entry for name in fields for entry in self._entries(rows, name, values)]
        at, writer = values["LastModifiedDate"], str(values["LastModifiedById"])
        key = self._key_at(rows, writer, at)
        last = HistoryEntry(
            field="", before=None, after=None, actor=writer, at=_moment(at), operation_key=key, writer=writer
        )
        return tuple(sorted([last, *entries], key=lambda entry: entry.at, reverse=True))

    def keys_of(self, record_id: str) -> list[tuple[str, str]]:
        """What our key field held before and after each of its changes, newest first; empty where it is not tracked.
        One call."""
        rows = self._rows([check_id(record_id)], [self._key_field]).get(record_id, [])
        return [(str(row["OldValue"] or ""), str(row["NewValue"] or "")) for row in rows]

    def _newest(self, rows: list[dict[str, Any]], name: str, values: dict[str, JsonValue]) -> HistoryEntry | None:
        entries = self._entries(rows, name, values)
        is_told = any(_is_of(row, name) for row in rows)
        is_untouched = values["LastModifiedDate"] == values["CreatedDate"]
        if is_told or is_untouched:
            return entries[0] if entries else None
        return HistoryEntry(
            field=name,
            before=None,
            after=values[name],
            actor=str(values["LastModifiedById"]),
            at=_moment(values["LastModifiedDate"]),
            operation_key=self._key_at(rows, values["LastModifiedById"], values["LastModifiedDate"]),
        )

    def _entries(self, rows: list[dict[str, Any]], name: str, values: dict[str, JsonValue]) -> list[HistoryEntry]:
        """Newest first; the value that a record was made with is its first change."""
        mine = [row for row in rows if _is_of(row, name)]
        entries = [
            HistoryEntry(
                field=name,
                before=from_wire(row["OldValue"]),
                after=from_wire(row["NewValue"]),
                actor=str(row["CreatedById"]),
                at=_moment(row["CreatedDate"]),
                operation_key=self._key_at(rows, row["CreatedById"], row["CreatedDate"]),
                writer=str(row["CreatedById"]),
            )
            for row in mine
        ]
        first = from_wire(mine[-1]["OldValue"]) if mine else values[name]
        if first is not None and first is not False:
            made_at, maker = values["CreatedDate"], values["CreatedById"]
            key = self._key_at(rows, maker, made_at)
            entries.append(
                HistoryEntry(
                    field=name,
                    before=None,
                    after=first,
                    actor=str(maker),
                    at=_moment(made_at),
                    operation_key=key,
                    writer=str(maker),
                )
            )
        return entries

    def _key_at(self, rows: list[dict[str, Any]], actor: JsonValue, at: JsonValue) -> str:
        """The operation whose key the same save wrote: the history's rows of one save share their maker and second."""
        for row in rows:
            is_key = bool(self._key_field) and _is_of(row, self._key_field)
            if is_key and row["CreatedById"] == actor and _moment(row["CreatedDate"]) == _moment(at):
                return str(row["NewValue"] or "")
        return ""

    def _read(self, record_ids: Sequence[str], fields: Sequence[str]) -> tuple[Rows, dict[str, dict[str, JsonValue]]]:
        records = read_many(self._session, self._object, record_ids, [*fields, *_STAMPS])
        rows = self._rows(record_ids, [*fields, *([self._key_field] if self._key_field else [])])
        return rows, {record_id: record.values for record_id, record in records.items()}

    def _rows(self, record_ids: Sequence[str], names: Sequence[str]) -> Rows:
        """The history's rows of these fields by record, newest first; none where it keeps none."""
        history, parent = _names(self._object)
        condition = f"Field IN ({', '.join(soql.text_literal(check_name(name)) for name in names)})"
        where = [soql.id_list(parent, record_ids), condition]
        rows: Rows = {}
        try:
            found = query(
                self._session, soql.select((parent, *_COLUMNS), history, where, order="CreatedDate DESC, Id DESC")
            )
        except NotFoundError:  # this object keeps no history, or not for us
            found = []
        for row in found:
            rows.setdefault(str(row[parent]), []).append(row)
        return rows


def _names(object_type: str) -> tuple[str, str]:
    """The history object and its field for the record."""
    if object_type.endswith("__c"):
        return f"{object_type.removesuffix('__c')}__History", "ParentId"
    if object_type == "Opportunity":
        return "OpportunityFieldHistory", "OpportunityId"
    return f"{object_type}History", f"{object_type}Id"


def _is_of(row: dict[str, Any], name: str) -> bool:
    return str(row["Field"]).casefold() == name.casefold()


def _moment(value: JsonValue) -> datetime:
    return read_moment(str(value))
