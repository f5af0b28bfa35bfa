"""Diff shape: which waiting requests ask for the same thing, so that one look serves many (APR-03, APR-06)."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from governance.domain.facts import JsonValue

MIN_ALIKE = 2
"""Fewer than these are no group."""

_MIN_SAME = 3
_DOMINANT = 0.8


@dataclass(frozen=True, slots=True)
class DiffShape:
    """Same requester, action, object, fields, tier and requirement. `requirement` is its JSON."""

    requester: str
    action: str
    object_type: str
    fields: tuple[str, ...]
    risk_tier: str
    requirement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One waiting request as far as it is compared with others. `after`: field label → new value; `asked_by`: the
    checks that asked for a person."""

    key: str
    shape: DiffShape
    after: Mapping[str, JsonValue]
    confidence: float | None = None
    environment: str = ""
    risk_flags: frozenset[str] = frozenset()
    asked_by: frozenset[str] = frozenset()
    is_drifted: bool = False
    has_hidden: bool = False
    own_look: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Members of one shape. `strays` say themselves in `other_value` that theirs is not the value of the rest."""

    members: tuple[Member, ...]
    is_same_value: bool
    other_value: frozenset[str] = field(default_factory=frozenset)


def values_key(after: Mapping[str, JsonValue]) -> str:
    """Equal for equal new values."""
    return json.dumps(after, sort_keys=True, ensure_ascii=False, default=str)


def cluster(members: Sequence[Member]) -> tuple[Cluster, ...]:
    """Members by shape, in the order given. Where most of a shape write one value, those who write another stay with
    them as strays; where a value is shared by three or more, they are a cluster of their own; the rest of a shape is
    one.

    What needs an own look is alone.
    """
    shapes: dict[object, list[Member]] = {}
    for member in members:
        key: object = (member.shape, member.key) if member.own_look else member.shape
        shapes.setdefault(key, []).append(member)
    order = {member.key: place for place, member in enumerate(members)}
    found = [part for shape in shapes.values() for part in _split(shape)]
    return tuple(sorted(found, key=lambda part: order[part.members[0].key]))


def _split(members: list[Member]) -> list[Cluster]:
    keys = {member.key: values_key(member.after) for member in members}
    counts = Counter(keys.values())
    most, number = counts.most_common(1)[0]
    if number == len(members):
        return [Cluster(members=tuple(members), is_same_value=True)]
    if number >= _MIN_SAME and number >= _DOMINANT * len(members):
        strays = frozenset(member.key for member in members if keys[member.key] != most)
        return [Cluster(members=tuple(members), is_same_value=True, other_value=strays)]
    shared = [key for key, count in counts.items() if count >= _MIN_SAME]
    parts = [
        Cluster(members=tuple(member for member in members if keys[member.key] == key), is_same_value=True)
        for key in shared
    ]
    rest = tuple(member for member in members if keys[member.key] not in shared)
    return [*parts, Cluster(members=rest, is_same_value=False)] if rest else parts
