"""What our attempts sent to a connection, for whoever compares it with the CRM's own history (drift)."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet

from approvals.domain.drift import KEYED_SKEW, KnownWrite
from approvals.domain.operations import verb_of
from approvals.domain.patch import after_values, read_patch
from approvals.domain.status import Status
from approvals.models import Attempt, WrittenField
from audit.domain.identifier import first_id_at
from governance.domain.facts import JsonValue

Print = Callable[[JsonValue], str]
_OPEN = (Status.EXECUTING, Status.UNKNOWN)
_LONGEST = timedelta(hours=1)
"""From a claim to its write: a worker that is silent for longer has lost it."""


def list_known_writes(
    *,
    connection_id: UUID,
    object_type: str,
    record_ids: Collection[str],
    since: datetime,
    until: datetime,
    now: datetime,
    print_value: Print,
) -> list[KnownWrite]:
    """Attempts on these records, or on new ones of this object, that sent between `since` and `until`, clocks allowed
    for, and whatever is open. Two queries."""
    sent = Attempt.objects.filter(
        sent_at__isnull=False, request__connection_id=connection_id, request__object_type=object_type
    ).filter(
        Q(request__record_id__in=record_ids)
        | Q(result_record_id__in=record_ids)
        | Q(result_record_id="", request__record_id="")
    )
    begin, end = since - KEYED_SKEW - _LONGEST, until + KEYED_SKEW
    timely = sent.filter(pk__gte=first_id_at(begin), pk__lt=first_id_at(end))
    rows = {row["id"]: row for row in (*_columns(timely), *_columns(sent.filter(request__status__in=_OPEN)))}
    return [_write(row, now, print_value) for row in rows.values()]


def list_watched(connection_id: UUID, object_type: str, record_ids: Collection[str]) -> dict[tuple[str, str], datetime]:
    """When agents wrote the values of these records that are watched, by record and field: the newest. One query."""
    rows = WrittenField.objects.filter(
        connection_id=connection_id, object_type=object_type, record_id__in=record_ids, fate=""
    )
    return {
        (record_id, field): at
        for record_id, field, at in rows.order_by("written_at").values_list("record_id", "field", "written_at")
    }


def _columns(rows: QuerySet[Attempt]) -> Iterable[Mapping[str, JsonValue]]:
    return rows.values(
        "id",
        "operation_key",
        "after",
        "result_record_id",
        "sent_at",
        "verified_at",
        "finished_at",
        "request_id",
        status=F("request__status"),
        action=F("request__action"),
        target=F("request__record_id"),
        patch=F("request__patch"),
    )


def _write(row: Mapping[str, JsonValue], now: datetime, print_value: Print) -> KnownWrite:
    sent = after_values(read_patch(row["patch"] or ()))
    is_open = row["status"] in _OPEN and not row["verified_at"]
    values = {
        name: frozenset({print_value(value), print_value(row["after"].get(name, value))})
        for name, value in sent.items()
    }
    return KnownWrite(
        request=str(row["request_id"]),
        key=row["operation_key"],
        record_id=row["target"] or row["result_record_id"],
        values=values,
        is_new_record=verb_of(row["action"]) == "create",
        is_open=is_open,
        sent_at=row["sent_at"],
        until=now if is_open else row["finished_at"] or row["verified_at"] or now,
    )
