"""A search of the ledger as people and programs write it, and as it is kept: without anybody's address (AUD-04)."""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta

from approvals.domain.search_terms import agent_text, field_text, person_text, record_text
from audit.domain.event_types import EVENT_TYPES
from audit.domain.search import Search
from governance.domain.dnc_key import InvalidRecipientError

MAX_LENGTH = 250
FIRST, LAST = date(2000, 1, 1), date(9998, 1, 1)
_PERSON = re.compile(r"[0-9a-f]{16}")
TermOf = Callable[[str], int]
"""A text → its search term, in one workspace"""


class UnreadableQueryError(ValueError):
    """A criterion that cannot be read. `field` names it; the message never repeats an address."""

    code = "invalid_parameter"

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerQuery:
    """Empty means any. `record` is `connection/object/id`, `field` is `object.field`, `person` the 16 hex digits that a
    person's address became, `first` and `last` days of UTC, both included."""

    agent: str = ""
    record: str = ""
    field: str = ""
    person: str = ""
    correlation: str = ""
    type: str = ""
    first: str = ""
    last: str = ""

    @property
    def is_narrowed(self) -> bool:
        return any(getattr(self, item.name) for item in fields(self))

    def as_dict(self) -> dict[str, str]:
        """What is given, by name: as a query string, or kept with an export."""
        return {item.name: value for item in fields(self) if (value := getattr(self, item.name))}


def with_person(query: LedgerQuery, address: str, *, region: str, term_of: TermOf) -> LedgerQuery:
    """The query about a person, the address replaced by its search term. Raises UnreadableQueryError."""
    if not address.strip():
        return query
    try:
        text = person_text(address.strip(), region=region)
    except InvalidRecipientError as error:
        raise UnreadableQueryError("person", f"the person's address {error}") from None
    return replace(query, person=f"{term_of(text) % 2**64:016x}")


def to_search(query: LedgerQuery, *, workspace: str, term_of: TermOf) -> Search:
    """What is asked of the ledger. Raises UnreadableQueryError."""
    _ensure_plain(query)
    if query.type and query.type not in EVENT_TYPES:
        raise UnreadableQueryError("type", "there is no such type of event")
    terms = [term_of(text) for text in _texts(query)]
    if query.person:
        terms.append(_read_person(query.person))
    last = _day("last", query.last)
    return Search(
        workspace=workspace,
        terms=tuple(terms),
        type=query.type,
        correlation_id=query.correlation,
        since=_day("first", query.first),
        until=last + timedelta(days=1) if last else None,
    )


def _texts(query: LedgerQuery) -> list[str]:
    texts = [agent_text(query.agent)] if query.agent else []
    if query.record:
        parts = query.record.split("/", 2)
        if len(parts) != 3 or not all(parts):
            raise UnreadableQueryError("record", "write a record as connection/object/id, like embedded/companies/101")
        texts.append(record_text(*parts))
    if query.field:
        object_type, dot, field = query.field.partition(".")
        if not (object_type and dot and field):
            raise UnreadableQueryError("field", "write a field with its object, like companies.industry")
        texts.append(field_text(object_type, field))
    return texts


def _ensure_plain(query: LedgerQuery) -> None:
    for item in fields(query):
        value = getattr(query, item.name)
        if len(value) > MAX_LENGTH or not value.isprintable():
            raise UnreadableQueryError(item.name, "this is too long, or holds characters that cannot be seen")


def _read_person(text: str) -> int:
    if not _PERSON.fullmatch(text):
        raise UnreadableQueryError("person", "search for the person's address anew")
    number = int(text, 16)
    return number - 2**64 if number >= 2**63 else number


def _day(name: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = LAST
    if not FIRST <= day < LAST:
        raise UnreadableQueryError(name, "write a day as 2026-03-01")
    return datetime.combine(day, time.min, UTC)
