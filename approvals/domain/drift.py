"""Whether a change at the CRM is one of ours: compared with what our attempts sent, when, and as whom (drift).

Pure. Values come as prints, equal for equal values. Times are the CRM's for changes and our database's for attempts, so
that both sides of a comparison may be off by as much as clocks differ.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

SKEW = timedelta(minutes=5)
"""So far our clock and the CRM's may differ, and so long an answer may come after its write."""
KEYED_SKEW = timedelta(hours=1)
"""A change that bears the very key of an attempt is believed to be its, for longer."""
BY_WAY_OF = timedelta(seconds=10)
"""So soon after an empty value the one follows that a write was after: a stage goes back by way of empty."""
MACHINES = ("agent.", "agent:", "integration.", "integration:", "system:", "workflow:", "import:")
"""How writers are named who are no people."""


class Origin(StrEnum):
    """Whose a change at the CRM was. `overwritten`: by a person, of a value that an agent wrote and that is watched.
    `ungoverned`: with our own credential, and no attempt explains it."""

    EXPLAINED = "explained"
    PERSON = "person"
    OVERWRITTEN = "overwritten"
    AUTOMATION = "automation"
    UNGOVERNED = "ungoverned"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change as it was observed. An empty `field`: something of the record, and nobody says what."""

    record_id: str
    field: str
    value: str
    writer: str
    actor: str
    key: str
    at: datetime


class KnownWrite(msgspec.Struct, frozen=True, kw_only=True):
    """What one attempt sent. `values` by field: prints of what was sent and of what was read back. `record_id` is empty
    for a record that was still to be made. `is_open`: nobody knows yet what came of it. `until`: its last sign of
    life, or now."""

    request: str
    key: str
    record_id: str
    values: Mapping[str, frozenset[str]]
    is_new_record: bool
    is_open: bool
    sent_at: datetime
    until: datetime


class Judgement(msgspec.Struct, frozen=True):
    """`request` is the one that it belongs to, empty where none does."""

    origin: Origin
    request: str = ""


class Proven(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when a change was found to be an attempt's, and whose."""

    record_id: str
    field: str
    writer: str
    at: datetime
    request: str


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What changes are held against. `own_writers`: how the CRM names our credential. `empty`: the print of no value.
    `watched`: when an agent wrote the value that is watched, by record and field. `proven`: what was found before."""

    writes: Sequence[KnownWrite]
    own_writers: frozenset[str]
    empty: str
    watched: Mapping[tuple[str, str], datetime] = {}
    proven: Sequence[Proven] = ()


def judge_changes(changes: Sequence[Change], world: World) -> list[Judgement | None]:
    """Each change judged, in order; None where an attempt must settle first. What the CRM changed besides in one and
    the same save as one of ours, its own flows acting as whoever set them off and what it fills in with a new record,
    is automation. The writers of what our own keys prove to be ours are ours too."""
    first = [judge_change(change, world) for change in changes]
    learnt = learnt_writers(zip(changes, first, strict=True))
    if not learnt <= world.own_writers:
        world = msgspec.structs.replace(world, own_writers=world.own_writers | learnt)
        first = [judge_change(change, world) for change in changes]
    proven = [*world.proven, *_list_proven(zip(changes, first, strict=True))]
    saves = {(one.record_id, one.writer, one.at): one.request for one in proven}
    places: defaultdict[tuple[str, str, str], list[Proven]] = defaultdict(list)
    for one in proven:
        places[one.record_id, one.field, one.writer].append(one)
    return [
        _judge_beside(change, saves, places, world.empty)
        if judgement is not None and judgement.origin is Origin.UNGOVERNED
        else judgement
        for change, judgement in zip(changes, first, strict=True)
    ]


def judge_change(change: Change, world: World) -> Judgement | None:
    """One change by itself. None: an attempt that is open may explain it, and is to settle first.

    INVARIANT: what was written with our credential is explained by an attempt of that record, field, value and time, or
    it is ungoverned; no name that a change gives itself is believed without one.
    """
    if not change.key and change.writer not in world.own_writers:
        return _judge_foreign(change, world.watched.get((change.record_id, change.field)))
    near = [write for write in world.writes if _is_near(write, change)]
    for write in near:
        if not change.field or change.value in write.values.get(change.field, ()):
            return Judgement(Origin.EXPLAINED, write.request)
    if any(write.is_open and (write.is_new_record or change.field in write.values) for write in near):
        return None
    return Judgement(Origin.UNGOVERNED)


def learnt_writers(judged: Iterable[tuple[Change, Judgement | None]]) -> frozenset[str]:
    """Whom the CRM's history names for writes that our own key and an attempt prove to be ours."""
    return frozenset(
        change.writer
        for change, judgement in judged
        if judgement is not None and judgement.origin is Origin.EXPLAINED and change.key and change.writer
    )


def _list_proven(judged: Iterable[tuple[Change, Judgement | None]]) -> list[Proven]:
    return [
        Proven(
            record_id=change.record_id,
            field=change.field,
            writer=change.writer,
            at=change.at,
            request=judgement.request,
        )
        for change, judgement in judged
        if judgement is not None and judgement.origin is Origin.EXPLAINED and change.field
    ]


def _judge_beside(
    change: Change,
    saves: Mapping[tuple[str, str, datetime], str],
    places: Mapping[tuple[str, str, str], Sequence[Proven]],
    empty: str,
) -> Judgement:
    """What no attempt explains by itself, by what it came with."""
    request = saves.get((change.record_id, change.writer, change.at))
    if request is not None:
        return Judgement(Origin.AUTOMATION, request)
    if change.value == empty:
        for one in places.get((change.record_id, change.field, change.writer), ()):
            if timedelta() < one.at - change.at <= BY_WAY_OF:
                return Judgement(Origin.EXPLAINED, one.request)
    return Judgement(Origin.UNGOVERNED)


def _judge_foreign(change: Change, watched_since: datetime | None) -> Judgement:
    if (change.writer or change.actor).startswith(MACHINES):
        return Judgement(Origin.AUTOMATION)
    is_later = watched_since is not None and change.at >= watched_since - SKEW
    return Judgement(Origin.OVERWRITTEN if is_later and change.field else Origin.PERSON)


def _is_near(write: KnownWrite, change: Change) -> bool:
    """Of that key, record and time."""
    if change.key and change.key != write.key:
        return False
    return _is_within(write, change, KEYED_SKEW if change.key else SKEW) and _is_of_record(write, change)


def _is_of_record(write: KnownWrite, change: Change) -> bool:
    if write.record_id:
        return write.record_id == change.record_id
    return write.is_new_record and (bool(change.key) or change.value in write.values.get(change.field, ()))


def _is_within(write: KnownWrite, change: Change, skew: timedelta) -> bool:
    return write.sent_at - skew <= change.at <= write.until + skew
