"""Reads of the embedded CRM. Every function runs a fixed number of queries, whatever it is asked for."""

import json
import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection as database
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KeyTransform, KeyTransformExact

from crm_connectors.domain.field_value import is_empty
from crm_connectors.domain.record import HistoryEntry, JsonValue, Page, Record
from crm_connectors.models import CrmField, CrmFieldChange, CrmRecord
from crm_connectors.port import NotFoundError

MAX_PAGE = 200
_RECORD_ID = re.compile(r"[1-9][0-9]{0,17}")  # canonical: `0101` and full-width digits name no record
_COLUMNS = ("number", "version", "values", "modified_at")


def parse_record_id(record_id: str | None) -> int:
    """A record's number. Raises NotFoundError for what no record can be called."""
    if record_id is None or _RECORD_ID.fullmatch(record_id) is None:
        raise NotFoundError("no record has such an id")
    return int(record_id)


def get_record(connection_id: UUID, object_type: str, record_id: str, fields: Sequence[str]) -> Record:
    """One record with exactly these fields. One query. Raises NotFoundError for an unknown record, object or field.

    A field that is empty and one that does not exist look alike in the stored values, so the same query counts how
    many of the fields asked for the schema knows.
    """
    known = (
        CrmField.objects.filter(crm_object=OuterRef("crm_object"), name__in=set(fields))
        .values("crm_object")
        .annotate(total=Count("id"))
        .values("total")
    )
    rows = _live(connection_id, object_type).filter(number=parse_record_id(record_id))
    row = rows.annotate(known=Subquery(known)).values(*_COLUMNS, "known").first()
    if row is None:
        raise NotFoundError(f"`{object_type}` has no such record")
    if (row["known"] or 0) != len(set(fields)):
        raise NotFoundError(f"a field asked for is not a field of `{object_type}`")
    return _record(object_type, row, fields)


def get_records(
    connection_id: UUID, object_type: str, record_ids: Sequence[str], fields: Sequence[str]
) -> dict[str, Record]:
    """Records by id; unknown ids are absent. Two queries for any number of ids. Raises as `get_record`."""
    _require_fields(connection_id, object_type, fields)
    numbers = [int(record_id) for record_id in record_ids if _RECORD_ID.fullmatch(record_id)]
    rows = _live(connection_id, object_type).filter(number__in=_numbers(numbers)).values(*_COLUMNS)
    return {str(row["number"]): _record(object_type, row, fields) for row in rows}


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
    rows = _live(connection_id, object_type).filter(*(_holds(name, value) for name, value in filters.items()))
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
    return tuple(
        HistoryEntry(
            field=row["field"],
            before=row["before"],
            after=row["after"],
            actor=row["actor"],
            at=row["at"],
            operation_key=row["operation_key"],
        )
        for row in rows.values("field", "before", "after", "actor", "at", "operation_key")
    )


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


def _holds(name: str, value: JsonValue) -> Q:
    if is_empty(value):
        return ~Q(values__has_key=name)  # empty fields are not stored
    return Q(KeyTransformExact(KeyTransform(name, "values"), value))


def _numbers(numbers: list[int]) -> RawSQL:
    """All numbers in one parameter: an IN list has a limit, and one query per slice would not be a constant."""
    if database.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", [numbers])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(numbers)])


def _record(object_type: str, row: dict[str, Any], fields: Sequence[str]) -> Record:
    stored = row["values"]
    return Record(
        object=object_type,
        id=str(row["number"]),
        version=str(row["version"]),
        values={name: stored.get(name) for name in fields},
        modified_at=row["modified_at"],
    )
