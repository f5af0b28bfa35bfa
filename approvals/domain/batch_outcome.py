"""What became of each request of a batch decision, and of a batch as a whole (APR-06)."""

from collections.abc import Iterable
from enum import StrEnum

MOST_AT_ONCE = 50
"""Requests that one person decides together."""

PARTIAL = "partial"


class ItemOutcome(StrEnum):
    """How one request of the manifest ended. Only the first three counted a vote."""

    APPROVED = "approved"
    DENIED = "denied"
    WAITING = "waiting"
    VOTED_BEFORE = "voted_before"
    CHANGED = "changed"
    RECORD_CHANGED = "record_changed"
    EXPIRED = "expired"
    DECIDED = "decided"
    NOT_ALLOWED = "not_allowed"
    NEEDS_LOOK = "needs_look"
    NOT_FOUND = "not_found"
    NOT_COUNTED = "not_counted"
    WAS_CANARY = "was_canary"


COUNTED = frozenset({ItemOutcome.APPROVED, ItemOutcome.DENIED, ItemOutcome.WAITING})

_BY_CODE = {
    "diff_changed": ItemOutcome.CHANGED,
    "approval_expired": ItemOutcome.EXPIRED,
    "already_decided": ItemOutcome.DECIDED,
    "already_voted": ItemOutcome.VOTED_BEFORE,
    "self_approval": ItemOutcome.NOT_ALLOWED,
    "not_an_approver": ItemOutcome.NOT_ALLOWED,
    "not_allowed": ItemOutcome.NOT_ALLOWED,
    "not_found": ItemOutcome.NOT_FOUND,
}

_WORDS = {
    ItemOutcome.APPROVED: "approved",
    ItemOutcome.DENIED: "denied",
    ItemOutcome.WAITING: "your approval counts; it waits for another person",
    ItemOutcome.VOTED_BEFORE: "not counted: you had voted on it before",
    ItemOutcome.CHANGED: "not counted: the change was altered after you saw it",
    ItemOutcome.RECORD_CHANGED: "not counted: somebody changed the record since",
    ItemOutcome.EXPIRED: "not counted: it expired first",
    ItemOutcome.DECIDED: "not counted: it was decided already",
    ItemOutcome.NOT_ALLOWED: "not counted: you may not decide this one",
    ItemOutcome.NEEDS_LOOK: "not counted: open it and decide it by itself",
    ItemOutcome.NOT_FOUND: "not counted: there is no such request",
    ItemOutcome.NOT_COUNTED: "not counted",
    ItemOutcome.WAS_CANARY: "nothing was written: this was a canary, made to be denied",
}

_TONES = {ItemOutcome.APPROVED: "good", ItemOutcome.DENIED: "bad", ItemOutcome.WAITING: "wait"}


def outcome_of_refusal(code: str) -> ItemOutcome:
    """The outcome for a refused vote's code."""
    return _BY_CODE.get(code, ItemOutcome.NOT_COUNTED)


def outcome_words(outcome: str) -> str:
    return _WORDS[ItemOutcome(outcome)]


def outcome_tone(outcome: str) -> str:
    """How it is coloured: good, bad, wait, or warn for what did not count."""
    return _TONES.get(ItemOutcome(outcome), "warn")


def batch_status(statuses: Iterable[str], *, refused: int = 0) -> str:
    """The status of an agent's batch: that of its items where they agree, `partial` where they differ.

    Items that became no request (`refused`) differ from those that did; alone they make the batch `denied`.
    """
    found = set(statuses)
    if not found:
        return "denied"
    return found.pop() if len(found) == 1 and not refused else PARTIAL
