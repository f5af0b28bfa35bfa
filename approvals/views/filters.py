"""Filters of the lists: what a query string may say, and nothing else."""

from dataclasses import dataclass, fields
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from approvals.domain.measures import read_counted
from approvals.domain.status import Status

MAX_LENGTH = 200
FIRST, LAST = date(2000, 1, 1), date(9998, 1, 1)
_PARAMETERS = {"first": "from", "last": "to"}


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxFilters:
    """Empty means any. `like` is the id of a request whose likes are wanted."""

    workspace: str = ""
    agent: str = ""
    object: str = ""
    group: str = ""
    like: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.agent or self.object or self.group or self.like)

    @property
    def query(self) -> str:
        """The query string that says the same, empty for none."""
        return urlencode({item.name: value for item in fields(self) if (value := getattr(self, item.name))})


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFilters:
    """Empty means any. `record` and `correlation` are whole ids, `first` and `last` days of UTC, both included."""

    workspace: str = ""
    status: str = ""
    agent: str = ""
    object: str = ""
    record: str = ""
    correlation: str = ""
    measure: str = ""
    first: str = ""
    last: str = ""
    action: str = ""
    code: str = ""
    field: str = ""

    @property
    def is_narrowed(self) -> bool:
        return any(getattr(self, item.name) for item in fields(self) if item.name != "workspace")

    @property
    def is_detailed(self) -> bool:
        """Whether one of those is set that are folded away else."""
        return bool(self.measure or self.first or self.last or self.action or self.code or self.field)

    @property
    def query(self) -> str:
        """The query string that says the same, empty for none."""
        said = {item.name: value for item in fields(self) if (value := getattr(self, item.name))}
        return urlencode({_PARAMETERS.get(name, name): value for name, value in said.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionFilters:
    """Empty means any. `field` is the one that the suggestion stands for."""

    workspace: str = ""
    agent: str = ""
    object: str = ""
    field: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.agent or self.object or self.field)

    @property
    def query(self) -> str:
        """The query string that says the same, empty for none."""
        return urlencode({item.name: value for item in fields(self) if (value := getattr(self, item.name))})


def read_suggestion_filters(query: QueryDict) -> SuggestionFilters:
    return SuggestionFilters(**{name: _text(query, name) for name in ("workspace", "agent", "object", "field")})


def read_inbox_filters(query: QueryDict) -> InboxFilters:
    texts = {name: _text(query, name) for name in ("workspace", "agent", "object", "group")}
    return InboxFilters(**texts, like=read_cursor(query, "like"))


def read_request_filters(query: QueryDict) -> RequestFilters:
    """An unknown status or measure is no filter, nor is a day that does not exist."""
    status, measure = _text(query, "status"), _text(query, "measure")
    return RequestFilters(
        workspace=_text(query, "workspace"),
        status=status if status in set(Status) else "",
        agent=_text(query, "agent"),
        object=_text(query, "object"),
        record=_text(query, "record"),
        correlation=_text(query, "correlation"),
        measure=measure if read_counted(measure) else "",
        first=_day(query, "from"),
        last=_day(query, "to"),
        action=_text(query, "action"),
        code=_text(query, "code"),
        field=_text(query, "field"),
    )


def read_cursor(query: QueryDict, name: str) -> str:
    """A request's id, or the first page for anything else."""
    try:
        return str(UUID(query.get(name, "")))
    except ValueError:
        return ""


def _day(query: QueryDict, name: str) -> str:
    try:
        day = date.fromisoformat(_text(query, name))
    except ValueError:
        return ""
    return day.isoformat() if FIRST <= day < LAST else ""


def _text(query: QueryDict, name: str) -> str:
    value = query.get(name, "").strip()
    return "" if "\x00" in value or len(value) > MAX_LENGTH else value
