"""The page of suggestions: what stands in the field now, what the agent suggests, who, when and why."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from approvals.domain.shown_value import ShownValue
from approvals.domain.status import Status
from approvals.domain.visible_text import Piece, reveal
from approvals.domain.wording import CONTEXT_FIELDS, duration_words, record_words
from approvals.models import Suggestion
from approvals.services.pages.labels import Fields, fields_of, label_of, show_option
from approvals.services.pages.records import RecordNow, read_values, record_now
from governance.domain.drift import is_same

_LIVE = (Status.EVALUATING, Status.PENDING, Status.APPROVED, Status.HELD, Status.EXECUTING, Status.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionRow:
    """`shown` is the field's value as JSON, sent back with the click: what a promotion expects to find. `obstacle` says
    in words why it cannot be promoted now, empty when it can; `promotion` the request under way."""

    row: Suggestion
    record: str
    label: str
    now: ShownValue | None
    suggested: ShownValue
    why: tuple[Piece, ...]
    age: str
    shown: str
    obstacle: str
    promotion: UUID | None


def show_suggestions(rows: Sequence[Suggestion], *, now: datetime) -> tuple[SuggestionRow, ...]:
    """Reads the records as they are now, once for each connection and object. Expects agent, request, its connection
    and promotion joined."""
    records = _read(rows)
    return tuple(_show(row, records.get(row.pk, RecordNow()), now) for row in rows)


def _read(rows: Sequence[Suggestion]) -> dict[UUID, RecordNow]:
    groups: dict[tuple[UUID, str], list[Suggestion]] = defaultdict(list)
    for row in rows:
        groups[row.connection_id, row.object_type].append(row)
    found: dict[UUID, RecordNow] = {}
    for (_, object_type), members in groups.items():
        known = _known(members)
        names = {*CONTEXT_FIELDS, *(name for row in members for name in (row.field, row.suggestion_field))}
        ids = list(dict.fromkeys(row.record_id for row in members))
        connection = members[0].request.connection
        held = read_values(connection, object_type, ids, sorted(names & known.keys()), is_local_only=False)
        found |= {row.pk: record_now(held.get(row.record_id)) for row in members} if held is not None else {}
    return found


def _known(members: Sequence[Suggestion]) -> Mapping[str, object]:
    """Fields that the policy of the newest request knows: what is gone from the schema is not asked for."""
    return fields_of(members[-1].request, members[-1].object_type)


def _show(row: Suggestion, record: RecordNow, now: datetime) -> SuggestionRow:
    labels: Fields = fields_of(row.request, row.object_type)
    current = record.values.get(row.field)
    under_way = row.promotion_id if row.promotion is not None and row.promotion.status in _LIVE else None
    return SuggestionRow(
        row=row,
        record=record_words(row.object_type, row.record_id, record.title),
        label=label_of(labels, row.field),
        now=show_option(row.request, row.object_type, row.field, current) if record.exists else None,
        suggested=show_option(row.request, row.object_type, row.field, row.value),
        why=reveal(str(row.request.body.get("justification", ""))[:400]),
        age=duration_words(now - row.created_at),
        shown=json.dumps(current),
        obstacle=_obstacle(row, record, is_under_way=under_way is not None),
        promotion=under_way,
    )


def _obstacle(row: Suggestion, record: RecordNow, *, is_under_way: bool) -> str:
    if is_under_way:
        return "Its promotion is under way."
    if not record.is_read:
        return "The CRM cannot be read now."
    if not record.exists:
        return "The record is gone."
    if not is_same(record.values.get(row.suggestion_field), row.value):
        return "Somebody changed the suggestion at the CRM since. Promote it there, or dismiss it here."
    return ""
