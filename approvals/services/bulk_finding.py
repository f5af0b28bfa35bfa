"""What a revert of one request would meet: the classes of the dry run (RVT-03, RVT-05)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from approvals.domain.bulk_revert import FieldFinding, Finding, Key, find_fields, fired_automation
from approvals.domain.operations import Compensation, compensation_of, revert_action
from approvals.domain.status import Status
from approvals.models import Attempt, BulkRevertItem
from approvals.selectors.bulk_reverts import key_of
from approvals.services.bulk_reading import Seen, record_of
from approvals.services.provenance import is_signature_of_another, signed_fields
from approvals.services.revert_request import judge_revert
from approvals.services.surroundings import Surroundings
from crm_connectors.domain.record import Record
from governance.domain.facts import JsonValue
from governance.selectors.held import AgentScope


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one step knows. `concerned` is the agent that each request is about, `planned` the values that later
    changes' reverts will have put back, by record."""

    seen: Seen
    attempts: Mapping[UUID, Attempt]
    live: frozenset[UUID]
    scope: AgentScope
    concerned: Mapping[UUID, UUID | None]
    around: Surroundings
    planned: dict[Key, dict[str, JsonValue]]
    now: datetime


def find_item(item: BulkRevertItem, look: Look) -> None:
    """Set what the dry run says of this item (its request with all joined). Items come in the order of their places:
    what one of them puts back is what the next one on the same record meets. No call and, after the first, no query.
    """
    item.finding, item.code = _without_record(item, look)
    if item.finding:
        return
    record = record_of(look.seen, item)
    if record is None:
        item.finding, item.code = Finding.GONE, "record_gone"
        return
    fields = compare_item(item, look.attempts[item.request_id], _as_planned(record, item, look), look.seen)
    item.fields = msgspec.to_builtins(fields)
    if any(field.is_edited for field in fields):
        item.finding, item.code = Finding.EDITED, "edited_since"
        return
    _judge(item, fields, _as_planned(record, item, look), look)


def compare_item(item: BulkRevertItem, attempt: Attempt, record: Record, seen: Seen) -> tuple[FieldFinding, ...]:
    """Every field that the request wrote, three ways, without signatures that a later write has put there."""
    names = [change["field"] for change in item.request.patch]
    newest = seen.newest.get(key_of(item), ())
    rows = find_fields(names, before=attempt.before, ours=attempt.after, now=record.values, newest=newest)
    return tuple(row for row in rows if not is_signature_of_another(item.request, row.field, is_conflict=row.is_edited))


def is_empty_inverse(item: BulkRevertItem, fields: tuple[FieldFinding, ...]) -> bool:
    """Whether an update has no field left that could be put back."""
    names = {field.field for field in fields}
    is_update = compensation_of(item.request.action) is Compensation.INVERSE_PATCH
    return is_update and not names - signed_fields(item.request)


def _without_record(item: BulkRevertItem, look: Look) -> tuple[str, str]:
    """The finding that no look at the record could change; empty when there is more to see."""
    request = item.request
    if request.status == Status.REVERTED or request.pk in look.live:
        return Finding.TAKEN_BACK, "already_reverted"
    if look.scope is not None and look.concerned[request.pk] not in look.scope:
        return Finding.NOT_PERMITTED, "not_allowed"
    if compensation_of(request.action) is Compensation.NONE:
        return Finding.IRREVERSIBLE, "irreversible"
    return "", ""


def _judge(item: BulkRevertItem, fields: tuple[FieldFinding, ...], record: Record, look: Look) -> None:
    action = revert_action(compensation_of(item.request.action))
    if is_empty_inverse(item, fields):
        item.finding, item.code = Finding.GONE, "nothing_to_revert"
        return
    judgement, _ = judge_revert(item.request, action, record, fields, around=look.around, now=look.now)
    if judgement.status in (Status.DENIED, Status.CONFLICT):
        item.finding, item.code = Finding.NOT_PERMITTED, judgement.code
        return
    attempt = look.attempts[item.request_id]
    fired = fired_automation(
        look.seen.newest.get(key_of(item), ()),
        fields={field.field for field in fields},
        since=attempt.sent_at or attempt.claimed_at,
    )
    item.needs_person = judgement.status is Status.PENDING
    item.finding, item.code = (Finding.AUTOMATION, fired.actor[:60]) if fired else (Finding.CLEAN, "")
    look.planned.setdefault(key_of(item), {}).update({field.field: field.before for field in fields})


def _as_planned(record: Record, item: BulkRevertItem, look: Look) -> Record:
    """The record as it will be when its turn comes."""
    planned = look.planned.get(key_of(item), {})
    values = {name: planned.get(name, value) for name, value in record.values.items()}
    return msgspec.structs.replace(record, values=values)
