"""Reads of the embedded CRM. Every function runs a fixed number of queries, whatever it is asked for."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection as database
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KeyTransform

from audit.selectors.kept_query import KeptQuery
from crm_connectors.domain.field_value import is_empty
from crm_connectors.domain.record import ChangedPage, ChangedRecord, HistoryEntry, JsonValue, Page, Record
from crm_connectors.models import CrmField, CrmFieldChange, CrmRecord
from crm_connectors.port import NotFoundError
from crm_connectors.selectors.embedded_read import is_record_id, parse_record_id

MAX_PAGE = 200
_CHANGE = ("field", "before", "after", "actor", "at", "operation_key")
_COLUMNS = ("number", "version", "values", "modified_at")
_UNFOLDED = {"postgresql": "SELECT unnest(%s::bigint[])", "sqlite": "SELECT value FROM json_each(%s)"}


def get_records(
    connection_id: UUID, object_type: str, record_ids: Sequence[str], fields: Sequence[str]
) -> dict[str, Record]:
    """Records by id; unknown ids are absent. One query for any number of ids, two where none is found. Raises
    NotFoundError."""
    numbers = [int(record_id) for record_id in record_ids if is_record_id(record_id)]
    asked = tuple(sorted({*fields}))
    rows = _RECORDS.fetch(connection_id, object_type, _as_list(numbers), asked)
    if not rows or rows[0][-1] != len(asked):
        _require_fields(connection_id, object_type, fields)
    found = (dict(zip(_COLUMNS, row, strict=False)) for row in rows)
    return {str(row["number"]): _record(object_type, row, fields) for row in found}


def _list_records(
    connection_id: UUID, object_type: str, numbers: str, fields: Collection[str]
) -> QuerySet[CrmRecord, tuple[Any, ...]]:
    """The columns of each, and how many of the fields there are in its object."""
    asked = CrmField.objects.filter(crm_object=OuterRef("crm_object"), name__in=fields)
    known = asked.order_by().values("crm_object").annotate(count=Count("pk")).values("count")
    live = _live(connection_id, object_type).annotate(known=Subquery(known) if fields else Value(0))
    return live.filter(number__in=_unfold(numbers)).values_list(*_COLUMNS, "known")


_RECORDS = KeptQuery(_list_records)


def search_records(
    connection_id: UUID,
    object_type: str,
    filters: dict[str, JsonValue],
    fields: Sequence[str],
    *,
    limit: int,
    after: str,
) -> Page:
    """Live records whose fields equal `filters` (None: empty), by id from `after` on. Two queries.

    `limit` is held between 1 and 200. Raises NotFoundError for an unknown object, field or cursor.
    """
    _require_fields(connection_id, object_type, (*fields, *filters))
    size = max(1, min(limit, MAX_PAGE))
    rows = _live(connection_id, object_type)
    for index, (name, value) in enumerate(filters.items()):
        rows = _keep_holders(rows, f"filter_{index}", name, value)
    if after:
        rows = rows.filter(number__gt=parse_record_id(after))
    found = list(rows.order_by("number").values(*_COLUMNS)[: size + 1])
    records = tuple(_record(object_type, row, fields) for row in found[:size])
    return Page(records, after=records[-1].id if len(found) > size else "")


def list_history(
    connection_id: UUID, object_type: str, record_id: str, fields: Sequence[str]
) -> tuple[HistoryEntry, ...]:
    """Changes of these fields, newest first; an archived record keeps them. Two queries. Raises NotFoundError."""
    records = CrmRecord.objects.filter(crm_object__connection_id=connection_id, crm_object__name=object_type)
    key = records.filter(number=parse_record_id(record_id)).values_list("id", flat=True).first()
    if key is None:
        raise NotFoundError(f"`{object_type}` has no such record")
    rows = CrmFieldChange.objects.filter(record_id=key, field__in=set(fields)).order_by("-id")
    return tuple(_entry(row) for row in rows.values(*_CHANGE))


def list_last_changes(
    connection_id: UUID, object_type: str, record_ids: Sequence[str], fields: Sequence[str]
) -> dict[str, tuple[HistoryEntry, ...]]:
    """The newest change of each field, by record. One query."""
    numbers = [int(record_id) for record_id in record_ids if is_record_id(record_id)]
    changes = CrmFieldChange.objects.filter(
        record__crm_object__connection_id=connection_id,
        record__crm_object__name=object_type,
        record__number__in=_numbers(numbers),
        field__in=set(fields),
    )
    newest = changes.order_by().values("record_id", "field").annotate(newest=Max("id")).values("newest")
    found: defaultdict[str, list[HistoryEntry]] = defaultdict(list)
    for row in CrmFieldChange.objects.filter(pk__in=newest).order_by("field").values(*_CHANGE, "record__number"):
        found[str(row["record__number"])].append(_entry(row))
    return {record_id: tuple(entries) for record_id, entries in found.items()}


def list_changed(connection_id: UUID, object_type: str, *, since: datetime, after: str, limit: int) -> ChangedPage:
    """Records by their last change, the oldest first, archived ones too. One query."""
    rows = CrmRecord.objects.filter(crm_object__connection_id=connection_id, crm_object__name=object_type)
    number = int(after) if is_record_id(after) else 0
    beyond = rows.filter(Q(modified_at__gt=since) | Q(modified_at=since, number__gt=number))
    found = beyond.order_by("modified_at", "number").values_list("number", "modified_at")[:limit]
    records = tuple(ChangedRecord(str(number), at) for number, at in found)
    return ChangedPage(records, is_last=len(records) < limit)


def list_changes(
    connection_id: UUID, object_type: str, record_ids: Sequence[str], fields: Sequence[str]
) -> dict[str, tuple[HistoryEntry, ...]]:
    """All changes of these fields, newest first, by record. One query."""
    numbers = [int(record_id) for record_id in record_ids if is_record_id(record_id)]
    changes = CrmFieldChange.objects.filter(
        record__crm_object__connection_id=connection_id,
        record__crm_object__name=object_type,
        record__number__in=_numbers(numbers),
        field__in=set(fields),
    )
    found: defaultdict[str, list[HistoryEntry]] = defaultdict(list)
    for row in changes.order_by("-id").values(*_CHANGE, "record__number"):
        found[str(row["record__number"])].append(_entry(row))
    return {record_id: tuple(entries) for record_id, entries in found.items()}


def _entry(row: dict[str, Any]) -> HistoryEntry:
    return HistoryEntry(**{name: row[name] for name in _CHANGE})


def _live(connection_id: UUID, object_type: str) -> QuerySet[CrmRecord]:
    return CrmRecord.objects.filter(
        crm_object__connection_id=connection_id, crm_object__name=object_type, archived_at__isnull=True
    )


def _require_fields(connection_id: UUID, object_type: str, fields: Sequence[str]) -> None:
    known = set(
        CrmField.objects.filter(crm_object__connection_id=connection_id, crm_object__name=object_type).values_list(
            "name", flat=True
        )
    )
    if not known:
        raise NotFoundError(f"`{object_type}` is no object of this CRM")
    if not known.issuperset(fields):
        raise NotFoundError(f"a field asked for is not a field of `{object_type}`")


def _keep_holders(rows: QuerySet[CrmRecord], alias: str, name: str, value: JsonValue) -> QuerySet[CrmRecord]:
    if is_empty(value):
        return rows.exclude(values__has_key=name)  # empty fields are not stored
    # KeyTransform and not `values__<name>`: a field called like a lookup (`contains`) must stay a field.
    return rows.alias(**{alias: KeyTransform(name, "values")}).filter(**{alias: value})


def _numbers(numbers: list[int]) -> RawSQL:
    """All numbers in one parameter: an IN list has a limit, and one query per slice would not be a constant."""
    return _unfold(_as_list(numbers))


def _as_list(numbers: list[int]) -> str:
    """The numbers in one text, as the database reads lists."""
    text = json.dumps(numbers)
    return f"{{{text[1:-1]}}}" if database.vendor == "postgresql" else text


def _unfold(numbers: str) -> RawSQL:
    return RawSQL(_UNFOLDED[database.vendor], [numbers])  # noqa: S611  # words of ours


def _record(object_type: str, row: dict[str, Any], fields: Sequence[str]) -> Record:
    stored = row["values"]
    return Record(
        object=object_type,
        id=str(row["number"]),
        version=str(row["version"]),
        values={name: stored.get(name) for name in fields},
        modified_at=row["modified_at"],
    )
