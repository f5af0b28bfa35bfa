"""Filters of the lists: what a query string may say, and nothing else."""

from dataclasses import dataclass, fields
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from approvals.domain.status import Status

MAX_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxFilters:
    """Empty means any."""

    workspace: str = ""
    agent: str = ""
    object: str = ""
    group: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.agent or self.object or self.group)

    @property
    def query(self) -> str:
        """The query string that says the same, empty for none."""
        return urlencode({item.name: value for item in fields(self) if (value := getattr(self, item.name))})


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFilters:
    """Empty means any. `record` and `correlation` are whole ids."""

    workspace: str = ""
    status: str = ""
    agent: str = ""
    object: str = ""
    record: str = ""
    correlation: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.status or self.agent or self.object or self.record or self.correlation)

    @property
    def query(self) -> str:
        """The query string that says the same, empty for none."""
        return urlencode({item.name: value for item in fields(self) if (value := getattr(self, item.name))})


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
    return InboxFilters(**{name: _text(query, name) for name in ("workspace", "agent", "object", "group")})


def read_request_filters(query: QueryDict) -> RequestFilters:
    """An unknown status is no filter."""
    status = _text(query, "status")
    return RequestFilters(
        workspace=_text(query, "workspace"),
        status=status if status in set(Status) else "",
        agent=_text(query, "agent"),
        object=_text(query, "object"),
        record=_text(query, "record"),
        correlation=_text(query, "correlation"),
    )


def read_cursor(query: QueryDict, name: str) -> str:
    """A request's id, or the first page for anything else."""
    try:
        return str(UUID(query.get(name, "")))
    except ValueError:
        return ""


def _text(query: QueryDict, name: str) -> str:
    value = query.get(name, "").strip()
    return "" if "\x00" in value or len(value) > MAX_LENGTH else value
