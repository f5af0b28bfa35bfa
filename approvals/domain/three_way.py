"""Three ways: what was there before us, what we wrote, what is there now (RVT-03)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from governance.domain.drift import is_same
from governance.domain.facts import JsonValue


@dataclass(frozen=True, slots=True)
class ThreeWay:
    """One field. `is_conflict`: the field no longer holds what we wrote, so someone else did."""

    field: str
    before: JsonValue
    ours: JsonValue
    now: JsonValue
    is_conflict: bool


def compare_three_ways(
    fields: Sequence[str],
    *,
    before: Mapping[str, JsonValue],
    ours: Mapping[str, JsonValue],
    now: Mapping[str, JsonValue],
) -> tuple[ThreeWay, ...]:
    """Every field, in the given order. A field without a value counts as empty."""
    return tuple(
        ThreeWay(
            name,
            before.get(name),
            ours.get(name),
            now.get(name),
            is_conflict=not is_same(ours.get(name), now.get(name)),
        )
        for name in fields
    )
