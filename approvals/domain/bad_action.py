"""Reports of bad actions: why, and the body of the API (EXC-05)."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from approvals.domain.envelope import Strict

MAX_TEXT = 4_000
MAX_AN_HOUR = 20


class BadReason(StrEnum):
    WRONG_VALUE = "wrong_value"
    WRONG_RECORD = "wrong_record"
    UNWANTED_CONTACT = "unwanted_contact"
    BAD_TEXT = "bad_text"
    OTHER = "other"


REASON_WORDS: dict[BadReason, str] = {
    BadReason.WRONG_VALUE: "a value is wrong",
    BadReason.WRONG_RECORD: "the wrong record",
    BadReason.UNWANTED_CONTACT: "this person should not have been contacted",
    BadReason.BAD_TEXT: "the text is bad",
    BadReason.OTHER: "something else",
}


class BadActionNews(Strict, frozen=True, kw_only=True):
    """Which request was bad, why, and what is to be said of it."""

    request: UUID
    reason: BadReason
    text: Annotated[str, Meta(max_length=MAX_TEXT)] = ""
