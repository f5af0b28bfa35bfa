"""The days' maps as they are kept, and proofs out of them (DNC-07)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from approvals.models import ContactDay, ContactPart
from audit.domain.merkle import HASH_SIZE
from audit.domain.sorted_map import ENTRY_SIZE, Entry, MapProof, PartHead, SortedMap, read_part

_DAYS_A_QUERY = 100


@dataclass(frozen=True, slots=True)
class ProvenDay:
    """One day's root event, and a proof for each label that was asked about, in their order."""

    day: date
    event_id: UUID
    proofs: tuple[MapProof, ...]


def list_contact_days(workspace_id: UUID, first: date, last: date) -> list[ContactDay]:
    """The days that have a map, in their order."""
    rows = ContactDay.objects.filter(workspace_id=workspace_id, day__gte=first, day__lte=last)
    return list(rows.order_by("day"))


def list_later_days(workspace_id: UUID, last: date) -> list[ContactDay]:
    """Every day after the period that has a map, in their order: a late send of the period is in one of them."""
    rows = ContactDay.objects.filter(workspace_id=workspace_id, day__gt=last)
    return list(rows.defer("heads").order_by("day"))


def tells_late(row: ContactDay, first: date, last: date) -> bool:
    """Whether the day's map holds sends of the period."""
    return any(first.isoformat() <= day <= last.isoformat() for day in row.late)


def prove_labels(days: Sequence[ContactDay], labels: Sequence[bytes]) -> list[ProvenDay]:
    """Of every day whether its map has each label, and why. One query for a hundred days."""
    proven = []
    for start in range(0, len(days), _DAYS_A_QUERY):
        some = days[start : start + _DAYS_A_QUERY]
        heads = {row.pk: _heads(row) for row in some}
        parts = _parts({row.pk: SortedMap(row.size, heads[row.pk], _unread).needed(labels) for row in some})
        for row in some:
            held = SortedMap(row.size, heads[row.pk], parts.get(row.pk, {}).__getitem__)
            proven.append(ProvenDay(row.day, row.event_id, tuple(held.prove(label) for label in labels)))
    return proven


def _heads(row: ContactDay) -> list[PartHead]:
    heads = bytes(row.heads)
    pieces = [heads[at : at + ENTRY_SIZE] for at in range(0, len(heads), ENTRY_SIZE)]
    return [PartHead(piece[:HASH_SIZE], piece[HASH_SIZE:]) for piece in pieces]


def _parts(needed: dict[UUID, set[int]]) -> dict[UUID, dict[int, list[Entry]]]:
    wanted = Q(pk__in=[])
    for pk, numbers in needed.items():
        wanted |= Q(day=pk, n__in=sorted(numbers)) if numbers else Q(pk__in=[])
    rows = ContactPart.objects.filter(wanted).values_list("day", "n", "entries")
    found: dict[UUID, dict[int, list[Entry]]] = {}
    for pk, n, entries in rows:
        found.setdefault(pk, {})[n] = read_part(bytes(entries))
    return found


def _unread(_: int) -> list[Entry]:
    raise AssertionError("asking which parts are needed reads none")
