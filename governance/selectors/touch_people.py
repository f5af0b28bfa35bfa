"""One recipient as people look them up, by address: what reached them, what stops them, what caps leave (LIM-06)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from governance.domain.dnc_key import DncKind, key_of
from governance.domain.frequency_words import CapState, cap_state
from governance.domain.index import PolicyIndex
from governance.models import Touch, TouchKey
from governance.selectors.dnc_secret import get_dnc_keys
from governance.selectors.policy import get_policy_indexes
from governance.selectors.touches import KeyRow, find_keys, person_facts, touch_key

SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTouch:
    """One request that touched, or was to touch, the recipient. `at` is when it left, else when it was reserved."""

    request_id: UUID
    action: str
    agent: str
    environment: str
    state: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchedPerson:
    """`caps` by environment; `addresses` is how many keys are known to be theirs."""

    addresses: int
    touches: tuple[SeenTouch, ...]
    caps: dict[str, tuple[CapState, ...]]
    stopped_at: datetime | None
    stop_reason: str
    stopped_by: str
    resumed_at: datetime | None
    replied_at: datetime | None


def read_address(workspace_id: UUID, text: str) -> UUID:
    """The key of an e-mail address or a phone number as typed. Raises InvalidRecipientError, DncUnavailableError."""
    keys = get_dnc_keys()
    kind = DncKind.EMAIL if "@" in text else DncKind.PHONE
    return touch_key(workspace_id, key_of(kind, text.strip(), region=keys.region), keys)


def related_keys(key: UUID) -> set[UUID]:
    """The keys that were touched as one person with this one. Two queries."""
    pairs = Touch.objects.filter(key=key).values_list("request_id", "person_number").distinct()
    together = Q()
    for request_id, number in pairs.order_by("-request_id")[:SHOWN]:
        together |= Q(request_id=request_id, person_number=number)
    return set(Touch.objects.filter(together).values_list("key_id", flat=True)) if together else set()


def get_touched_person(workspace_id: UUID, text: str, *, now: datetime) -> TouchedPerson:
    """Everything about whoever has this address, by as many queries for many touches as for few.

    Raises as `read_address`.
    """
    key = read_address(workspace_id, text)
    keys = sorted({key, *related_keys(key)})
    marks = list(TouchKey.objects.filter(pk__in=keys).order_by("stopped_at"))
    stop = next((mark for mark in marks if mark.stopped_at is not None), None)
    indexes = get_policy_indexes(workspace_id)
    horizon = max((index.frequency.horizon_hours for index in indexes.values()), default=0)
    rows = find_keys(keys, since=now - timedelta(hours=horizon))
    return TouchedPerson(
        addresses=len(keys),
        touches=_seen(keys),
        caps={environment: _caps(index, environment, keys, rows, now) for environment, index in indexes.items()},
        stopped_at=stop.stopped_at if stop is not None else None,
        stop_reason=stop.stop_reason if stop is not None else "",
        stopped_by=stop.stopped_by if stop is not None else "",
        resumed_at=max((mark.resumed_at for mark in marks if mark.resumed_at is not None), default=None),
        replied_at=max((mark.replied_at for mark in marks if mark.replied_at is not None), default=None),
    )


def _seen(keys: Iterable[UUID]) -> tuple[SeenTouch, ...]:
    rows = Touch.objects.filter(key__in=keys).order_by("-request_id")
    columns = ("request_id", "action", "agent", "environment", "state", "reserved_at", "touched_at")
    return tuple(
        SeenTouch(request_id=row[0], action=row[1], agent=row[2], environment=row[3], state=row[4], at=row[6] or row[5])
        for row in rows.values_list(*columns).distinct()[:SHOWN]
    )


def _caps(
    index: PolicyIndex, environment: str, keys: Iterable[UUID], rows: dict[UUID, KeyRow], now: datetime
) -> tuple[CapState, ...]:
    person = person_facts(tuple(keys), rows, environment=environment)
    rules = {rule.key: rule for found in index.frequency.by_action.values() for rule in found}
    here = [rule for _, rule in sorted(rules.items()) if rule.environment in ("", environment)]
    return tuple(cap_state(rule, person, now=now) for rule in here)
