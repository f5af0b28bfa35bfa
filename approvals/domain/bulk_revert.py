"""Bulk revert: what a dry run says of each request, what became of it, and in which order (RVT-02, RVT-03)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

import msgspec

from approvals.domain.status import Status
from approvals.domain.three_way import ThreeWay, compare_three_ways
from audit.domain.canonical import canonical_bytes
from crm_connectors.domain.record import HistoryEntry
from governance.domain.drift import is_same
from governance.domain.facts import JsonValue

TWO_PEOPLE_ABOVE = 100
"""More items than this take a second person (DESIGN §5.5), counted over what one starts alone within ALONE_WITHIN."""
ALONE_WITHIN = timedelta(hours=24)
PLAN_LIFE = timedelta(hours=24)
"""A dry run is a look at one moment: what is older is looked at again before anything is started."""

_MACHINES = ("workflow:", "integration:", "integration.", "import:", "system:")


class BulkState(StrEnum):
    """The life of one bulk revert. `countersigning` waits for the second person, `stopping`
    for what waits to be called off."""

    PLANNING = "planning"
    PLANNED = "planned"
    COUNTERSIGNING = "countersigning"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    FINISHED = "finished"
    STOPPED = "stopped"


RELEASABLE = (BulkState.RUNNING, BulkState.PAUSED)
"""While it is under way an incident release lets it pass."""
ENDED = frozenset({BulkState.FINISHED, BulkState.STOPPED})


class Finding(StrEnum):
    """What the dry run says of one request. `automation`: its fields are clean, but a machine wrote elsewhere on the
    record after it, and what that did stays."""

    CLEAN = "clean"
    AUTOMATION = "automation"
    EDITED = "edited"
    IRREVERSIBLE = "irreversible"
    TAKEN_BACK = "taken_back"
    NOT_PERMITTED = "not_permitted"
    GONE = "gone"


TAKEN_UP = frozenset({Finding.CLEAN, Finding.AUTOMATION})
"""What a start takes back; the rest stays, the edited ones for a person to decide one by one."""


class Result(StrEnum):
    """What became of one request that a start took up; empty before. `waiting`: for an approval, or for its outcome."""

    WAITING = "waiting"
    REVERTED = "reverted"
    CONFLICT = "conflict"
    DENIED = "denied"
    FAILED = "failed"
    STOPPED = "stopped"


OPEN = ("", Result.WAITING.value)

_RESULTS = {
    Status.EXECUTED: Result.REVERTED,
    Status.REVERTED: Result.REVERTED,
    Status.CONFLICT: Result.CONFLICT,
    Status.DENIED: Result.DENIED,
    Status.EXPIRED: Result.DENIED,
    Status.CANCELLED: Result.STOPPED,
    Status.FAILED: Result.FAILED,
}


def result_of(status: str) -> Result:
    """What the revert's own status means for its item."""
    return _RESULTS.get(Status(status), Result.WAITING)


class FieldFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One field three ways; where it was edited since, by whom and when, as far as the CRM tells."""

    field: str
    before: JsonValue
    ours: JsonValue
    now: JsonValue
    is_edited: bool = False
    by: str = ""
    at: datetime | None = None


def find_fields(
    names: Sequence[str],
    *,
    before: Mapping[str, JsonValue],
    ours: Mapping[str, JsonValue],
    now: Mapping[str, JsonValue],
    newest: Iterable[HistoryEntry],
) -> tuple[FieldFinding, ...]:
    """Every field three ways, with the newest change of those that hold something else than we wrote."""
    last = {entry.field: entry for entry in newest}
    return tuple(
        _finding(row, last.get(row.field)) for row in compare_three_ways(names, before=before, ours=ours, now=now)
    )


def _finding(row: ThreeWay, entry: HistoryEntry | None) -> FieldFinding:
    who = entry if row.is_conflict and entry is not None and is_same(entry.after, row.now) else None
    return FieldFinding(
        field=row.field,
        before=row.before,
        ours=row.ours,
        now=row.now,
        is_edited=row.is_conflict,
        by=who.actor if who else "",
        at=who.at if who else None,
    )


def fired_automation(
    newest: Iterable[HistoryEntry], *, fields: Collection[str], since: datetime | None
) -> HistoryEntry | None:
    """The newest change by a machine to another field of the record after ours; None where there is none."""
    found = [
        entry
        for entry in newest
        if entry.field not in fields and entry.actor.startswith(_MACHINES) and (since is None or entry.at >= since)
    ]
    return max(found, key=lambda entry: entry.at, default=None)


def plan_digest(rows: Iterable[Mapping[str, object]], *, choice: Mapping[str, object]) -> str:
    """`sha256:…` over what a start would do, item by item: the digest that is started and countersigned.

    One line of canonical JSON each, so that any number of items takes no memory. Source: RFC 8785."""
    hashed = sha256(canonical_bytes(dict(choice)))
    for row in rows:
        hashed.update(b"\n")
        hashed.update(canonical_bytes(dict(row)))
    return f"sha256:{hashed.hexdigest()}"


def is_two_person(items: int, *, started: int) -> bool:
    """`started`: items of what the same person started alone within ALONE_WITHIN."""
    return items + started > TWO_PEOPLE_ABOVE


Key = tuple[str, str, str]
"""Connection, object and record: changes of one record are taken back one after the other."""


def choose_free(keys: Sequence[Key], *, busy: Collection[Key], limit: int) -> list[int]:
    """Places of the first `limit` items, in order, whose record no item before them still needs.

    `keys` are the open items' records, latest execution first; `busy` those under way."""
    taken = set(busy)
    chosen: list[int] = []
    for place, key in enumerate(keys):
        if key not in taken and len(chosen) < limit:
            chosen.append(place)
        taken.add(key)
    return chosen
