"""Watching what became of agents' values: a person who overwrites one has rejected it, silently."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q

from approvals.domain.exception_case import CaseKind
from approvals.domain.overwriting import Fate, Verdict, judge_field, next_look, operation_key
from approvals.models import AgentActionRequest, SamplingPlan, Suggestion, WrittenField
from approvals.services.events import request_event, system
from approvals.services.exceptions import Cause, open_case
from audit.services.append import append_event
from crm_connectors.domain.record import HistoryEntry
from crm_connectors.port import Connector
from crm_connectors.services.connectors import get_connector

LIMIT = 200
_TROUBLE = timedelta(minutes=10)
_BY = system("overwrites")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Look:
    """One field that is due, what its CRM's history says of it, and whether that could be read."""

    row: WrittenField
    entries: tuple[HistoryEntry, ...]


@dataclass(frozen=True, slots=True)
class _Ours:
    """Operation keys of people's requests about these writes: no silent rejections, whatever they changed."""

    reverts: frozenset[str]
    promotions: frozenset[str]


def watch_overwrites(*, now: datetime) -> int:
    """Look at the fields that are due, at most 200 a turn; returns how many were judged.

    Reads CRMs, so never inside a transaction: one call for each connection and object, and one more for each record
    that somebody else wrote since. Each judgement is a transaction of its own, made once however many look at once.
    """
    days = dict(SamplingPlan.objects.values_list("workspace_id", "watch_days"))
    due = WrittenField.objects.filter(fate="", next_look_at__lte=now, workspace_id__in=days)
    rows = list(due.select_related("connection").order_by("next_look_at")[:LIMIT])
    groups: defaultdict[tuple[UUID, str], list[WrittenField]] = defaultdict(list)
    for row in rows:
        groups[row.connection_id, row.object_type].append(row)
    judged = 0
    for members in groups.values():
        looks = _look(members, now)
        ours = _list_ours(looks)
        judged += sum(_conclude(look, days[look.row.workspace_id], ours, now) for look in looks)
    return judged


def _look(rows: Sequence[WrittenField], now: datetime) -> list[_Look]:
    """What the CRM says of these fields of one object; those that it cannot tell now are put off."""
    connection, object_type = rows[0].connection, rows[0].object_type
    try:
        connector = get_connector(connection.pk, kind=connection.kind)
        newest = connector.last_changes(
            object_type=object_type,
            record_ids=sorted({row.record_id for row in rows}),
            fields=sorted({row.field for row in rows}),
        )
        return [_Look(row, _history(connector, row, newest.get(row.record_id, ()))) for row in rows]
    except Exception:
        log.exception("what became of agents' values could not be read", connection=connection.name)
        WrittenField.objects.filter(pk__in=[row.pk for row in rows]).update(next_look_at=now + _TROUBLE)
        return []


def _history(connector: Connector, row: WrittenField, newest: Sequence[HistoryEntry]) -> tuple[HistoryEntry, ...]:
    """The field's changes as far as they matter: the newest alone when it is still the agent's own."""
    last = tuple(entry for entry in newest if entry.field == row.field)
    if not last or last[0].operation_key == operation_key(row.request_id):
        return last
    return connector.history(object_type=row.object_type, record_id=row.record_id, fields=[row.field])


def _list_ours(looks: Sequence[_Look]) -> _Ours:
    """How the history names the requests that took these back or over. Two queries."""
    ids = [look.row.request_id for look in looks]
    reverts = AgentActionRequest.objects.filter(reverses_id__in=ids).values_list("pk", flat=True)
    promoted = Suggestion.objects.filter(request_id__in=ids, promotion__isnull=False)
    promotions = promoted.values_list("promotion_id", flat=True)
    return _Ours(*(frozenset(operation_key(pk) for pk in rows) for rows in (reverts, promotions)))


def _conclude(look: _Look, days: int, ours: _Ours, now: datetime) -> bool:
    """Keep what became of it, if that is settled; else say when to look again."""
    row, until = look.row, look.row.written_at + timedelta(days=days)
    found = judge_field(look.entries, request_id=row.request_id, reverts=ours.reverts, promotions=ours.promotions)
    if found is None and now < until:
        looked = next_look(written_at=row.written_at, now=now, until=until)
        WrittenField.objects.filter(pk=row.pk, fate="").update(next_look_at=looked)
        return False
    if found is None or found.at > until:
        found = Verdict(Fate.KEPT if look.entries else Fate.UNTOLD, until)
    return _settle(row, found, now)


def _settle(row: WrittenField, verdict: Verdict, now: datetime) -> bool:
    """INVARIANT: each written field is judged once; who comes second finds it judged. Commits fate, event and case."""
    with transaction.atomic():
        is_first = WrittenField.objects.filter(Q(fate=""), pk=row.pk).update(fate=verdict.fate, fate_at=verdict.at)
        if not is_first:
            return False
        request = AgentActionRequest.objects.select_related("workspace", "agent").get(pk=row.request_id)
        data = {"field": row.field, "fate": verdict.fate.value, "object": row.object_type, "record": row.record_id}
        append_event(request_event(request, "write.judged", _BY, data=data), now=now)
        if verdict.fate is Fate.OVERWRITTEN:
            _open_case(request, row, verdict.at, now)
    return True


def _open_case(request: AgentActionRequest, row: WrittenField, at: datetime, now: datetime) -> None:
    cause = Cause(
        workspace_id=row.workspace_id,
        kind=CaseKind.SILENT_REJECTION,
        agent=request.agent.name if request.agent is not None else "",
        code="overwritten",
        field=row.field,
        object_type=row.object_type,
    )
    open_case(cause=cause, requests=[request.pk], count=1, seen_at=at, now=now)
