"""Canaries: requests that must be denied, made by us to learn whether people look before they approve (QAS-02).

Pure: which decision draws one, what is wrong with it, and what it shows as its evidence. The known-bad patterns are a
closed list; each contradicts its own evidence, so that whoever reads finds it out.
"""

import hashlib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from governance.domain.action_class import PREPARED_OBJECTS
from governance.domain.document import FieldRule
from governance.domain.facts import JsonValue
from governance.domain.vocabulary import Action, FieldType

CANARY = "canary"
"""Who asked, as the row says it, and the code of one that was approved."""

_WHOLE = 1 << 64
_STRANGERS = ("Halden Timber Yards", "Castellan Freight Brokers", "Orrin and Vale Dairies")
_STRANGE_DOMAINS = ("halden-timber.example", "castellan-freight.example", "orrin-vale.example")
_NUMBERS = (FieldType.INTEGER, FieldType.NUMBER)
_DOMAIN_FIELDS = frozenset({"domain", "website"})
_WORDS = frozenset({"subject", "title", "reason", "body", "description", "purpose"})
_MOST_TOLD = 200

PAYLOADS: Mapping[str, str] = {
    Action.UPDATE: "changes",
    Action.CREATE: "changes",
    Action.CREATE_TASK: "task",
    Action.CREATE_NOTE: "note",
    Action.DRAFT: "message",
    Action.QUEUE: "item",
    Action.SEND_EMAIL: "message",
    Action.ENROLL_SEQUENCE: "enrolment",
    Action.CREATE_MEETING: "meeting",
    Action.PUSH_TO_DIALER: "entry",
    Action.EXPORT: "export",
}
"""Actions that canaries are made of → the member of the proposal in which their values are."""


class Pattern(StrEnum):
    """What is wrong with a canary."""

    OFF_BY_TEN = "off_by_ten"
    OTHER_CHOICE = "other_choice"
    FOREIGN_ADDRESS = "foreign_address"
    ANOTHER_COMPANY = "another_company"


PATTERN_WORDS: Mapping[str, str] = {
    Pattern.OFF_BY_TEN: "a number ten times what its evidence says",
    Pattern.OTHER_CHOICE: "another choice than its evidence names",
    Pattern.FOREIGN_ADDRESS: "an address of a company that its evidence does not name",
    Pattern.ANOTHER_COMPANY: "the name of a company that its evidence does not name",
}


class CanaryOutcome(StrEnum):
    CAUGHT = "caught"
    MISSED = "missed"


class BadValue(msgspec.Struct, frozen=True, kw_only=True):
    """One field's known-bad value, what its evidence says instead, and why it is bad."""

    field: str
    value: JsonValue
    truth: JsonValue
    pattern: Pattern


def number_of(seed: bytes, request_id: UUID) -> int:
    """The decided request's number among canaries, 0 ≤ n < 2**64; another one than that of its sample."""
    return int.from_bytes(hashlib.sha256(b"canary" + seed + request_id.bytes).digest()[:8], "big")


def draws(number: int, every: int) -> bool:
    """Whether a decided request of this number draws a canary, one of `every` on average. None is drawn by 0."""
    return every > 0 and number * every < _WHOLE


def share_of(number: int) -> float:
    """Where the number fell, 0 to 1: below 1 / every it draws."""
    return round(number / _WHOLE, 6)


def asked_values(action: str, body: Mapping[str, Any]) -> Mapping[str, JsonValue]:
    """What the proposal asks to write, by field; nothing for an action that no canary is made of."""
    asked: Mapping[str, JsonValue] = body.get(PAYLOADS.get(action, ""), {})
    return asked


def bad_value(rule: FieldRule, truth: JsonValue, number: int, *, action: str) -> BadValue | None:
    """A value that must not be written where `truth` belongs; None where no pattern fits the field."""
    pick = number % len(_STRANGERS)
    made = _make_words(rule, truth, pick) if action in PREPARED_OBJECTS else _make(rule, truth, number)
    if made is None or made[1] == truth:
        return None
    return BadValue(field=rule.field, value=made[1], truth=truth, pattern=made[0])


def _make_words(rule: FieldRule, truth: JsonValue, pick: int) -> tuple[Pattern, JsonValue] | None:
    """Of what is prepared or leaves the house: its words speak of another company, or it leaves from a stranger's
    mailbox. Whom it reaches stays as it was: nobody new is looked up."""
    if not isinstance(truth, str) or not truth:
        return None
    if rule.field in _WORDS:
        return Pattern.ANOTHER_COMPANY, f"{truth} ({_STRANGERS[pick]})"
    return (Pattern.FOREIGN_ADDRESS, f"office@{_STRANGE_DOMAINS[pick]}") if rule.field == "sender" else None


def _make(rule: FieldRule, truth: JsonValue, number: int) -> tuple[Pattern, JsonValue] | None:
    if truth in (None, "") or isinstance(truth, list | dict | bool):
        return None
    if isinstance(truth, int | float):
        return (Pattern.OFF_BY_TEN, truth * 10) if rule.type in _NUMBERS else None
    pick, others = number % len(_STRANGERS), [option for option in rule.options if option != truth]
    return _make_text(rule, others[number % len(others)] if others else "", pick)


def _make_text(rule: FieldRule, other: str, pick: int) -> tuple[Pattern, JsonValue] | None:
    match rule.type:
        case FieldType.PICKLIST if other:
            return Pattern.OTHER_CHOICE, other
        case FieldType.URL:
            return Pattern.FOREIGN_ADDRESS, f"https://www.{_STRANGE_DOMAINS[pick]}"
        case FieldType.EMAIL:
            return Pattern.FOREIGN_ADDRESS, f"office@{_STRANGE_DOMAINS[pick]}"
        case FieldType.STRING | FieldType.TEXT if rule.field in _DOMAIN_FIELDS:
            return Pattern.FOREIGN_ADDRESS, _STRANGE_DOMAINS[pick]
        case FieldType.STRING | FieldType.TEXT:
            return Pattern.ANOTHER_COMPANY, _STRANGERS[pick]
        case _:
            return None


def has_receipts(body: Mapping[str, Any]) -> bool:
    """Whether a request shows a source or a fact that can be made to contradict it."""
    return any(item.get("kind") in ("source", "fact") for item in body.get("evidence") or ())


def canary_body(
    body: Mapping[str, Any], bad: BadValue, *, asked: str, label: str, correlation_id: str
) -> dict[str, Any]:
    """The proposal of a canary that stands where `body` stood: the same but for the bad value of the field that was
    `asked` for, and evidence that says the truth."""
    told, member = f"{label}: {bad.truth}"[:_MOST_TOLD], PAYLOADS[body["action"]]
    made = {**body, member: {**body[member], asked: bad.value}, "correlation_id": correlation_id}
    made["evidence"] = [_contradict(item, told) for item in body.get("evidence") or ()]
    made.pop("expected", None)
    return made


def _contradict(item: Mapping[str, Any], told: str) -> dict[str, Any]:
    match item.get("kind"):
        case "source":
            return {**item, "excerpt": told}
        case "fact":
            return {**item, "statement": told}
        case _:
            return dict(item)


def is_seen_through(bad_field: str, touched: Sequence[str]) -> bool:
    """Whether a reviewer who corrected or left out these fields laid hands on the bad one."""
    return bad_field in touched


def shown_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a page shows of an event about a canary that nobody has decided: all but that it is one."""
    return {key: value for key, value in data.items() if key != CANARY}
