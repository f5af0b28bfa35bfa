"""Whether a value may stand in a field: type, format, length, picklist, emptiness (REG-08).

Strict: nothing is coerced, only ASCII digits are digits, and what the registry does not describe is refused. Complaints
name the rule, never the value, because a decision outlives the value's right to be kept.
"""

import math
import re
from collections.abc import Callable
from datetime import date, datetime

from governance.domain.document import FieldRule
from governance.domain.drift import is_empty
from governance.domain.facts import JsonValue
from governance.domain.value_format import format_judge
from governance.domain.vocabulary import FieldType

Validator = Callable[[JsonValue], str]
"""Takes a value, answers a complaint, or an empty text when the value is valid."""

MAX_SAFE_INTEGER = 2**53 - 1  # RFC 8785 §3.2.2.3: beyond it JSON numbers lose digits
EARLIEST_YEAR, LATEST_YEAR = 1900, 2100

# Control characters, lone surrogates, and the bidirectional overrides that make a reviewer read another text.
_UNSEEN_IN_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_UNSEEN_IN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_EMAIL = re.compile(
    r"(?=.{6,254}\Z)(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])"
)
_URL = re.compile(
    r"https?://(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])"
    r"(?::[0-9]{1,5})?(?:[/?#][^\s\\<>\"]*)?",
    re.IGNORECASE,
)
_PHONE = re.compile(r"\+?\(?[0-9][0-9 ().\-/]{3,30}[0-9](?: ?(?:x|ext\.?) ?[0-9]{1,6})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_REFERENCE = re.compile(r"[\x21-\x7e]{1,120}")


def compile_validator(rule: FieldRule) -> Validator:
    """The validator of one registered field. An unknown type refuses every value."""
    judge = _narrowed(rule, _judge_of(rule))
    emptied = f"`{rule.field}` is required and must not be emptied" if rule.is_required else ""

    def validate(value: JsonValue) -> str:
        if is_empty(value):
            return emptied
        return judge(value)

    return validate


def _narrowed(rule: FieldRule, judge: Validator) -> Validator:
    """The judge of the type, and then of the format and range that the matrix names."""
    if not rule.value_format and rule.min_value is None and rule.max_value is None:
        return judge
    complains = format_judge(rule)
    return lambda value: judge(value) or complains(value)


def _judge_of(rule: FieldRule) -> Validator:
    name = f"`{rule.field}`"
    match rule.type:
        case FieldType.STRING | FieldType.TEXT:
            return _text_judge(rule)
        case FieldType.INTEGER:
            return _told(_is_integer, f"{name} takes a whole number")
        case FieldType.NUMBER:
            return _told(_is_number, f"{name} takes a finite number")
        case FieldType.BOOLEAN:
            return _told(lambda value: value is True or value is False, f"{name} takes true or false")
        case FieldType.PICKLIST:
            options = frozenset(rule.options)
            return _told(
                lambda value: type(value) is str and value in options,
                f"{name} takes one of its {len(options)} options, spelled exactly",
            )
        case _:
            return _format_judge(rule)


def _format_judge(rule: FieldRule) -> Validator:
    formats: dict[str, tuple[Callable[[str], bool], str]] = {
        FieldType.DATE: (_is_date, f"a calendar date like 2031-05-17 between {EARLIEST_YEAR} and {LATEST_YEAR}"),
        FieldType.DATETIME: (_is_datetime, "an RFC 3339 time with its offset, like 2031-05-17T09:30:00Z"),
        FieldType.EMAIL: (lambda text: _EMAIL.fullmatch(text) is not None, "one plain email address"),
        FieldType.PHONE: (_is_phone, "a phone number of 5 to 15 digits"),
        FieldType.URL: (_is_url, "an http or https address of at most 2,048 characters"),
        FieldType.REFERENCE: (lambda text: _REFERENCE.fullmatch(text) is not None, "the id of a record or user"),
    }
    if rule.type not in formats:
        return lambda _: f"`{rule.field}` is of a type that cannot be checked"
    is_formed, wanted = formats[rule.type]
    return _told(
        lambda value: type(value) is str and _has_length(value, rule) and is_formed(value),
        f"`{rule.field}` takes {wanted}",
    )


def _told(is_valid: Callable[[JsonValue], bool], complaint: str) -> Validator:
    return lambda value: "" if is_valid(value) else complaint


def _text_judge(rule: FieldRule) -> Validator:
    unseen = _UNSEEN_IN_TEXT if rule.type == FieldType.TEXT else _UNSEEN_IN_LINE

    def judge(value: JsonValue) -> str:
        if type(value) is not str:
            return f"`{rule.field}` takes text"
        if not _has_length(value, rule):
            return f"`{rule.field}` takes at most {rule.max_length} characters"
        if unseen.search(value) is not None:
            return f"`{rule.field}` must not hold control or text-reordering characters"
        if not value.strip():
            return f"`{rule.field}` must not be blank; null empties it"
        return ""

    return judge


def _has_length(value: str, rule: FieldRule) -> bool:
    return rule.max_length is None or len(value) <= rule.max_length


def _is_integer(value: JsonValue) -> bool:
    return type(value) is int and -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER


def _is_number(value: JsonValue) -> bool:
    return _is_integer(value) or (type(value) is float and math.isfinite(value))


def _is_date(text: str) -> bool:
    if _DATE.fullmatch(text) is None:
        return False
    try:
        return EARLIEST_YEAR <= date.fromisoformat(text).year <= LATEST_YEAR
    except ValueError:
        return False


def _is_datetime(text: str) -> bool:
    if _DATETIME.fullmatch(text) is None:
        return False
    try:
        return EARLIEST_YEAR <= datetime.fromisoformat(text).year <= LATEST_YEAR
    except ValueError:
        return False


def _is_phone(text: str) -> bool:
    return _PHONE.fullmatch(text) is not None and 5 <= sum(character.isdigit() for character in text) <= 21


def _is_url(text: str) -> bool:
    return len(text) <= 2048 and _URL.fullmatch(text) is not None and text.isprintable()
