"""The touch ledger asked about whole requests: who is behind the recipients, and what reached them already (LIM-06)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from audit.selectors.prepared import prepared_cursor
from governance.domain.dnc_key import name_spellings
from governance.domain.facts import FrequencyFacts, PersonFacts, RecipientFacts, TouchFacts
from governance.domain.touch_state import LASTING, TouchState
from governance.selectors.contact_keys import recipient_names
from governance.selectors.dnc_secret import DncKeys, get_dnc_keys

_CHUNK = 500  # parameters a statement on SQLite
# A stop rule asks for meetings and enrolments however long ago they were.
_TEMPLATE = """
SELECT k.id, k.version, k.stopped_at, k.resumed_at, k.replied_at, t.request_id, t.action, t.agent, t.environment,
       t.state, t.reserved_at, t.touched_at
FROM governance_touchkey k
LEFT JOIN governance_touch t ON t.key_id = k.id AND t.state <> 'returned'
     AND (t.state = 'pending' OR t.touched_at > %s OR (t.state = 'sent' AND t.action IN ({triggers})))
WHERE k.id {among}
"""
_TRIGGERS = ", ".join(f"'{action}'" for action in LASTING)


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchQuestion:
    """The people whom one request would touch. `horizon_hours`: how far back its caps look."""

    workspace_id: UUID
    connection: str
    environment: str
    recipients: Sequence[RecipientFacts]
    request_id: UUID
    horizon_hours: int


@dataclass(frozen=True, slots=True)
class KeyRow:
    """What is kept of one key, and every touch under it."""

    version: int
    is_stopped: bool
    resumed_at: datetime | None
    replied_at: datetime | None
    touches: list["TouchRow"]


@dataclass(frozen=True, slots=True)
class TouchRow:
    request_id: UUID
    action: str
    agent: str
    environment: str
    state: str
    reserved_at: datetime
    touched_at: datetime | None


def get_frequency_facts(questions: Sequence[TouchQuestion], *, now: datetime) -> list[FrequencyFacts]:
    """What the ledger says of each request now. One query for all, however many recipients they have.

    Raises DncUnavailableError (the keys are made with the secret of the do-not-contact list), django.db.Error: then
    nobody may be touched.
    """
    keys = get_dnc_keys()
    people = [find_people(question, keys) for question in questions]
    since = now - timedelta(hours=max((question.horizon_hours for question in questions), default=0))
    rows = find_keys({key for found in people for person in found for key in person}, since=since)
    return [
        FrequencyFacts(
            asked=len(question.recipients),
            people=tuple(
                person_facts(person, rows, environment=question.environment, request_id=question.request_id)
                for person in found
            ),
        )
        for question, found in zip(questions, people, strict=True)
    ]


def find_people(question: TouchQuestion, keys: DncKeys) -> list[tuple[UUID, ...]]:
    """The keys of each person among the recipients. Addresses that one record holds belong to one person, and so do
    recipients that share a key. What cannot be read has no key: the other checks deny it where it is used."""
    people: dict[object, dict[UUID, None]] = {}
    owner: dict[UUID, object] = {}
    for position, recipient in enumerate(question.recipients):
        own = recipient_keys(question.workspace_id, question.connection, recipient, keys)
        place: object = (recipient.object, recipient.record_id) if recipient.record_id else position
        for other in dict.fromkeys(owner[key] for key in own if key in owner and owner[key] != place):
            merged = people.pop(other)
            people.setdefault(place, {}).update(merged)
            owner |= dict.fromkeys(merged, place)
        people.setdefault(place, {}).update(dict.fromkeys(own))
        owner |= dict.fromkeys(own, place)
    return [tuple(sorted(found)) for found in people.values() if found]


def recipient_keys(workspace_id: UUID, connection_name: str, recipient: RecipientFacts, keys: DncKeys) -> list[UUID]:
    """The keys of one recipient: the address, and the record that holds it, by each id that it has."""
    names = recipient_names(connection_name, recipient, keys)
    return [touch_key(workspace_id, spelling, keys) for name in names for spelling in name_spellings(name)]


def touch_key(workspace_id: UUID, name: str, keys: DncKeys) -> UUID:
    """The id of a matching key in the touch ledger; not the digest that the do-not-contact list has for it."""
    return UUID(bytes=keys.digest(workspace_id, f"touch:{name}"))


def find_keys(wanted: Iterable[UUID], *, since: datetime) -> dict[UUID, KeyRow]:
    """What is kept of each key, with the touches that still matter at `since`; a key nobody has touched is left out.

    One query (on SQLite one for 500 keys); each row's version and touches are of one moment.
    """
    found: dict[UUID, KeyRow] = {}
    for row in _fetch(sorted(wanted), since):
        key = _uuid(row[0])
        entry = found.get(key)
        if entry is None:
            entry = found[key] = KeyRow(row[1], row[2] is not None, _time(row[3]), _time(row[4]), [])
        if row[5] is not None:
            entry.touches.append(_touch(row))
    return found


def _touch(row: tuple[Any, ...]) -> TouchRow:
    _, _, _, _, _, request_id, action, agent, environment, state, reserved_at, touched_at = row
    return TouchRow(_uuid(request_id), action, agent, environment, state, _time(reserved_at), _time(touched_at))


def person_facts(
    person: tuple[UUID, ...], rows: dict[UUID, KeyRow], *, environment: str, request_id: UUID | None = None
) -> PersonFacts:
    """Whoever has these keys, as a request (none: somebody who looks) sees them in one environment."""
    known = [rows[key] for key in person if key in rows]
    resumed = [row.resumed_at for row in known if row.resumed_at is not None]
    replied = [row.replied_at for row in known if row.replied_at is not None]
    touches = {touch.request_id: touch for row in known for touch in row.touches}
    ours = touches.pop(request_id, None) if request_id is not None else None
    counted = [touch for touch in touches.values() if touch.environment == environment and _is_ahead(touch, ours)]
    return PersonFacts(
        keys=tuple(key.hex for key in person),
        versions=tuple(rows[key].version if key in rows else 0 for key in person),
        touches=tuple(sorted((_fact(touch) for touch in counted), key=lambda touch: (touch.at, touch.request))),
        is_stopped=any(row.is_stopped for row in known),
        resumed_at=max(resumed, default=None),
        replied_at=max(replied, default=None),
    )


def _is_ahead(touch: TouchRow, ours: TouchRow | None) -> bool:
    """Of two that wait, the one that was reserved first goes first; what has left counts for both."""
    return touch.state != TouchState.PENDING or ours is None or _rank(touch) < _rank(ours)


def _rank(touch: TouchRow) -> tuple[datetime, UUID]:
    return touch.reserved_at, touch.request_id


def _fact(touch: TouchRow) -> TouchFacts:
    return TouchFacts(
        request=str(touch.request_id),
        action=touch.action,
        agent=touch.agent,
        at=touch.touched_at or touch.reserved_at,
        is_pending=touch.state == TouchState.PENDING,
        is_live=touch.state != TouchState.UNDONE,
    )


def _fetch(keys: Sequence[UUID], since: datetime) -> list[tuple[Any, ...]]:
    if not keys:
        return []
    if connection.vendor == "postgresql":
        return _rows(_TEMPLATE.format(among="= ANY(%s)", triggers=_TRIGGERS), [since, list(keys)])
    at = connection.ops.adapt_datetimefield_value(since)
    rows: list[tuple[Any, ...]] = []
    for start in range(0, len(keys), _CHUNK):
        chunk = [key.hex for key in keys[start : start + _CHUNK]]
        among = f"IN ({', '.join(['%s'] * len(chunk))})"
        rows += _rows(_TEMPLATE.format(among=among, triggers=_TRIGGERS), [at, *chunk])
    return rows


def _rows(statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with prepared_cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def _time(value: Any) -> Any:
    """A time as this database gives it, aware: SQLite keeps UTC without saying so."""
    if value is None:
        return None
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
