"""What a bulk revert takes back: the criteria that a person chose, all of which hold together (RVT-02)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

MAX_LAST = 1_000_000


class ChoiceError(ValueError):
    """The criteria cannot be read, or choose everything. The words are for the person who chose."""

    code = "choice_refused"


class Choice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Executed requests that fulfil every criterion that is given; at least one is. `last` keeps the newest by the
    time of their execution, `since` and `until` (aware, inclusive) are of that time too.

    `bulk_revert` chooses the reverts that another bulk revert made; without it no revert is chosen.
    """

    agent: UUID | None = None
    last: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    correlation_id: str = ""
    batch: UUID | None = None
    policy_version: UUID | None = None
    bulk_revert: UUID | None = None


def read_choice(form: Mapping[str, str]) -> Choice:
    """The criteria of a form or an address; empty members count as not given. Raises ChoiceError."""
    given = {name: value.strip() for name, value in form.items() if value.strip() and "\x00" not in value}
    choice = Choice(
        agent=_id(given, "agent"),
        last=_number(given, "last"),
        since=_moment(given, "since"),
        until=_moment(given, "until"),
        correlation_id=given.get("correlation_id", "")[:120],
        batch=_id(given, "batch"),
        policy_version=_id(given, "policy_version"),
        bulk_revert=_id(given, "bulk_revert"),
    )
    if choice == Choice():
        raise ChoiceError("choose by at least one of agent, number, time, correlation id, batch or policy version")
    if choice.since and choice.until and choice.since > choice.until:
        raise ChoiceError("the time range ends before it begins")
    return choice


def dump_choice(choice: Choice) -> dict[str, Any]:
    """As JSON, what is not given left out."""
    dumped: dict[str, Any] = msgspec.to_builtins(choice)
    return dumped


def load_choice(stored: Mapping[str, Any]) -> Choice:
    """What `dump_choice` wrote."""
    return msgspec.convert(stored, Choice)


def _id(given: Mapping[str, str], name: str) -> UUID | None:
    try:
        return UUID(given[name]) if name in given else None
    except ValueError:
        raise ChoiceError(f"`{name.replace('_', ' ')}` is no id") from None


def _number(given: Mapping[str, str], name: str) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MAX_LAST):
        raise ChoiceError("the number of changes is a whole number from 1")
    return int(text)


def _moment(given: Mapping[str, str], name: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(given[name]) if name in given else None
    except ValueError:
        raise ChoiceError("give times as date and time") from None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found
