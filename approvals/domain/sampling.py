"""Which executed requests a person looks at again: a pure choice, repeatable later and foreseen by nobody (QAS-01).

A period's seed is secret while it is in use; its sha256 is in the ledger before the first choice, the seed itself after
the last one. The request's id is ours, so that neither side picks alone.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

SEED_SIZE = 32
_WHOLE = 1 << 64


class Reason(StrEnum):
    """Why a request is looked at as often as it is."""

    RESTRICTED = "restricted"
    NEW_AGENT = "new_agent"
    SAFE = "safe"
    NEW_VERSION = "new_version"
    NEW_FIELD = "new_field"
    LOW_CONFIDENCE = "low_confidence"
    LARGE_ACCOUNT = "large_account"
    REVERTED = "recently_reverted"


REASON_WORDS: Mapping[str, str] = {
    Reason.RESTRICTED: "restricted action",
    Reason.NEW_AGENT: "new agent",
    Reason.SAFE: "safe action",
    Reason.NEW_VERSION: "new agent version",
    Reason.NEW_FIELD: "new field for this agent",
    Reason.LOW_CONFIDENCE: "low confidence",
    Reason.LARGE_ACCOUNT: "large account",
    Reason.REVERTED: "field taken back recently",
}


class Rates(msgspec.Struct, frozen=True, kw_only=True):
    """What a period draws by. Percentages are of executed requests; the highest one that fits counts.

    `canary_every`: one canary for so many requests that people decided, none for 0."""

    restricted_percent: int = 100
    new_agent_percent: int = 20
    new_agent_days: int = 28
    safe_percent: int = 10
    risky_percent: int = 50
    new_version_days: int = 14
    new_field_days: int = 14
    reverted_days: int = 14
    low_confidence: float = 0.8
    large_field: str = "numberofemployees"
    large_from: float = 1_000
    canary_every: int = 0


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """One executed request, as far as the choice looks at it. `size` is the account's, None when nobody knows it."""

    request_id: UUID
    at: datetime
    is_restricted: bool
    confidence: float
    size: float | None


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """What was known when it was executed: since when the agent, this version of it and each of the fields were at
    work, and when one of these fields was last taken back."""

    agent_since: datetime
    version_since: datetime
    newest_field_since: datetime
    reverted_at: datetime | None = None


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """`percent` is how likely it was, `share` where its number fell (0 to 100), `reasons` what set the percentage."""

    is_drawn: bool
    percent: int
    share: float
    reasons: tuple[str, ...]


def commitment(seed: bytes) -> str:
    """What is published of a seed before it is used."""
    return f"sha256:{hashlib.sha256(seed).hexdigest()}"


def number_of(seed: bytes, request_id: UUID) -> int:
    """The request's number in this period, 0 ≤ n < 2**64: the first eight bytes of sha256(seed ‖ id)."""
    return int.from_bytes(hashlib.sha256(seed + request_id.bytes).digest()[:8], "big")


def choose(rates: Rates, seed: bytes, done: Done, past: Past) -> Choice:
    """Whether a person looks at this one. The same arguments give the same choice, years later."""
    percent, reasons = rate_of(rates, done, past)
    number = number_of(seed, done.request_id)
    return Choice(
        is_drawn=number * 100 < percent * _WHOLE,
        percent=percent,
        share=round(number * 100 / _WHOLE, 4),
        reasons=tuple(reason.value for reason in reasons),
    )


def rate_of(rates: Rates, done: Done, past: Past) -> tuple[int, tuple[Reason, ...]]:
    """The highest percentage that fits, and every reason that asks for it."""
    risks = [(rates.risky_percent, reason) for reason in _risks(rates, done, past)]
    found = [_base_percent(rates, done, past), *risks]
    percent = max(item for item, _ in found)
    return percent, tuple(reason for item, reason in found if item == percent)


def _base_percent(rates: Rates, done: Done, past: Past) -> tuple[int, Reason]:
    if done.is_restricted:
        return rates.restricted_percent, Reason.RESTRICTED
    if _is_within(past.agent_since, rates.new_agent_days, done.at):
        return rates.new_agent_percent, Reason.NEW_AGENT
    return rates.safe_percent, Reason.SAFE


def _risks(rates: Rates, done: Done, past: Past) -> list[Reason]:
    """Risky segments. As long as everything of an agent is new, its newness is what the base rate is for."""
    is_new_agent = _is_within(past.agent_since, rates.new_agent_days, done.at)
    found = {
        Reason.NEW_VERSION: not is_new_agent and _is_within(past.version_since, rates.new_version_days, done.at),
        Reason.NEW_FIELD: not is_new_agent and _is_within(past.newest_field_since, rates.new_field_days, done.at),
        Reason.LOW_CONFIDENCE: done.confidence < rates.low_confidence,
        Reason.LARGE_ACCOUNT: done.size is not None and done.size >= rates.large_from,
        Reason.REVERTED: past.reverted_at is not None and _is_within(past.reverted_at, rates.reverted_days, done.at),
    }
    return [reason for reason, holds in found.items() if holds]


def _is_within(since: datetime, days: int, at: datetime) -> bool:
    return at - since < timedelta(days=days)
