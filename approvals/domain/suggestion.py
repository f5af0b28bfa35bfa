"""Suggestions: what a write to a suggestion field means for the field that it stands for (REG-06)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from governance.domain.decision import FieldChange
from governance.domain.drift import is_empty
from governance.domain.facts import JsonValue

MAX_AT_ONCE = 10
"""So many are promoted or dismissed with one click: each is a look at the record and a request of its own."""


class SuggestionState(StrEnum):
    """`replaced`: something else was written to the suggestion field since, or it was taken back."""

    OPEN = "open"
    PROMOTED = "promoted"
    DISMISSED = "dismissed"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Suggested:
    """A value that now stands in the suggestion field of `field`; an empty one suggests nothing."""

    field: str
    suggestion_field: str
    value: JsonValue

    @property
    def is_nothing(self) -> bool:
        return is_empty(self.value)


def find_suggested(patch: Iterable[FieldChange], pairs: Mapping[str, str]) -> tuple[Suggested, ...]:
    """What a patch puts into suggestion fields, in its order. `pairs` is suggestion field → field."""
    return tuple(
        Suggested(pairs[change.field], change.field, change.after) for change in patch if change.field in pairs
    )


def promotion_changes(field: str, suggestion_field: str, value: JsonValue) -> dict[str, JsonValue]:
    """What a promotion writes: the value where it belongs, and the suggestion field empty again."""
    return {field: value, suggestion_field: None}


def promotion_expected(
    field: str, suggestion_field: str, *, shown: JsonValue, value: JsonValue
) -> dict[str, JsonValue]:
    """What must still hold for it: the field as the person saw it, the suggestion as the agent wrote it."""
    return {field: shown, suggestion_field: value}
