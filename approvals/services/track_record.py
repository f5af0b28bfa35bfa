"""Keeping track records: a follower of the ledger writes down what people decide, field by field (APR-03)."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from approvals.domain.track_record import ACCEPTED, CORRECTED, DENIED, Entry, add_entry, take_back
from approvals.models import AgentActionRequest, TrackRecord
from approvals.services.provenance import signed_fields
from audit.selectors.events import LedgerEntry
from audit.services.follow import Following
from governance.domain.vocabulary import ActorType

_VERDICTS = {"request.approved": ACCEPTED, "request.denied": DENIED}
_REVERTED = "request.reverted"


def take_decisions(entries: Sequence[LedgerEntry]) -> None:
    """Write what these events say into the records of the fields that they are about.

    Policy's own decisions, and what a standing approval settled unseen, are nobody's opinion and are passed over.
    """
    told = [entry for entry in entries if entry.type == _REVERTED or _is_by_person(entry)]
    ids = {UUID(entry.subject.id) for entry in told}
    rows = AgentActionRequest.objects.filter(pk__in=ids, actor_type=ActorType.AGENT).select_related("connection")
    requests = {str(row.pk): row for row in rows}
    for entry in told:
        request = requests.get(entry.subject.id)
        if request is not None:
            _take(entry, request)


def _is_by_person(entry: LedgerEntry) -> bool:
    return entry.actor.type == "human"


def _take(entry: LedgerEntry, request: AgentActionRequest) -> None:
    correction = request.facts.get("correction") or {}
    corrected = {*correction.get("fields", ()), *correction.get("left_out", ())}
    names = {item["field"] for item in request.patch} | {*correction.get("left_out", ())}
    names -= signed_fields(request)
    for row in _rows(request, names):
        known = msgspec.convert(row.entries, tuple[Entry, ...])
        row.entries = msgspec.to_builtins(_after(entry, known, is_corrected=row.field in corrected))
        row.save(update_fields=["entries"])


def _after(entry: LedgerEntry, known: tuple[Entry, ...], *, is_corrected: bool) -> tuple[Entry, ...]:
    if entry.type == _REVERTED:
        return take_back(known, entry.subject.id)
    verdict = _VERDICTS[entry.type]
    if is_corrected and verdict == ACCEPTED:
        verdict = CORRECTED
    return add_entry(known, Entry(entry.subject.id, verdict, entry.actor.id, entry.at.isoformat()))


def _rows(request: AgentActionRequest, names: Iterable[str]) -> list[TrackRecord]:
    """The records of these fields, made where there is none yet. One follower at a time writes them."""
    place = {
        "agent_id": request.agent_id,
        "connection_id": request.connection_id,
        "object_type": request.object_type,
    }
    TrackRecord.objects.bulk_create([TrackRecord(field=name, **place) for name in sorted(names)], ignore_conflicts=True)
    return list(TrackRecord.objects.filter(field__in=sorted(names), **place).order_by("field"))


TRACK_RECORDS = Following(name="approvals.track_record", types=frozenset({*_VERDICTS, _REVERTED}), take=take_decisions)
