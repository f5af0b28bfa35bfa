"""Correction: proposed values as a reviewer typed them, in the types of their fields (APR-12). Pure.

What is typed is read strictly and judged by policy like an agent's own value; nothing here decides whether it is valid.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from governance.domain.action_class import OUTWARD
from governance.domain.document import FieldRule
from governance.domain.facts import JsonValue
from governance.domain.vocabulary import Action, FieldType

MAX_INPUT = 65_536

_WORDS: dict[str, frozenset[str]] = {
    Action.SEND_EMAIL: frozenset({"subject", "body"}),
    Action.CREATE_MEETING: frozenset({"title", "description", "location"}),
    Action.PUSH_TO_DIALER: frozenset({"reason"}),
}
"""Of what leaves the house only the words are corrected: whom it reaches, and from whom, is another proposal."""

_INTEGER = re.compile(r"[+-]?[0-9]{1,16}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,16}(?:\.[0-9]{1,12})?")
_BOOLEANS: dict[str, JsonValue] = {"true": True, "false": False}
_INPUTS: dict[str, str] = {
    FieldType.TEXT: "textarea",
    FieldType.INTEGER: "number",
    FieldType.NUMBER: "number",
    FieldType.DATE: "date",
    FieldType.PICKLIST: "select",
    FieldType.BOOLEAN: "boolean",
}


class UnreadableInputError(ValueError):
    """What was typed is no value of the field's type. `field` names it; the message is for the reviewer."""

    code = "input_unreadable"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """What a reviewer wants instead. `changes` are all values to be judged, by the field that the agent asked for;
    `fields` those of the patch that differ, `left_out` those of it that shall not be written."""

    changes: dict[str, JsonValue]
    fields: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.fields or self.left_out)


def is_correctable(action: str, rule: FieldRule | None, value: JsonValue) -> bool:
    """Whether a reviewer may type another value: a known field that can be written, one value, and of what leaves the
    house only the words."""
    if rule is None or rule.is_read_only or isinstance(value, list | dict):
        return False
    return action not in OUTWARD or rule.field in _WORDS.get(action, frozenset())


def input_kind(rule: FieldRule) -> str:
    """The control that fits the field: textarea, number, date, select, boolean or text."""
    return _INPUTS.get(rule.type, "text")


def show_input(value: JsonValue) -> str:
    """A value as its control holds it; empty for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def read_input(rule: FieldRule, typed: str, *, proposed: JsonValue) -> JsonValue:
    """The value that was typed; nothing typed empties the field. What the reviewer left alone stays as proposed, to the
    last character. Raises UnreadableInputError."""
    text = _lines(typed)
    if text == _lines(show_input(proposed)):
        return proposed
    if not text.strip():
        return None
    if len(text) > MAX_INPUT or "\x00" in text:
        raise UnreadableInputError(rule.field, "It is too long, or holds what no text holds.")
    match rule.type:
        case FieldType.INTEGER if _INTEGER.fullmatch(text.strip()):
            return int(text)
        case FieldType.NUMBER if _NUMBER.fullmatch(text.strip()):
            return float(text) if "." in text else int(text)
        case FieldType.BOOLEAN if text in _BOOLEANS:
            return _BOOLEANS[text]
        case FieldType.INTEGER | FieldType.NUMBER:
            raise UnreadableInputError(rule.field, "Type a plain number.")
        case FieldType.BOOLEAN:
            raise UnreadableInputError(rule.field, "Choose yes or no.")
        case _:
            return text


def correct(
    changes: Mapping[str, JsonValue],
    *,
    origins: Mapping[str, str],
    values: Mapping[str, JsonValue],
    left_out: Sequence[str],
) -> Corrected:
    """`changes` as the agent asked for them, with `values` (by the patch's field) instead and `left_out` gone.

    `origins` is the patch's field → the one that the agent asked for: a redirected value is corrected where it goes.
    """
    wanted = dict(changes)
    fields: list[str] = []
    for field, value in values.items():
        asked = origins.get(field, field)
        if field not in left_out and not _is_equal(wanted.get(asked), value):
            wanted[asked] = value
            fields.append(field)
    for field in left_out:
        wanted.pop(origins.get(field, field), None)
    return Corrected(changes=wanted, fields=tuple(sorted(fields)), left_out=tuple(sorted(left_out)))


def _is_equal(one: JsonValue, other: JsonValue) -> bool:
    """Of one type and equal: 1, 1.0 and true are three values."""
    return type(one) is type(other) and bool(one == other)


def _lines(text: str) -> str:
    """Line ends as one character: browsers send two."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
