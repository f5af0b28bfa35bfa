"""Filters of the ledger screen: each is an equality that one index answers."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timezone import make_aware
from unfold.contrib.filters.admin import RangeDateTimeFilter, TextFilter
from unfold.utils import parse_datetime_str

from audit.domain.event_types import EVENT_TYPES
from audit.models import LedgerEvent


def one_of(parameter: str, values: Iterable[str]) -> type[admin.SimpleListFilter]:
    """A filter over a closed list of values of one column, not by SELECT DISTINCT over a ledger."""
    choices = [(value, value.replace("_", " ")) for value in values]

    class OneOf(admin.SimpleListFilter):
        title = parameter.replace("_", " ")
        parameter_name = parameter

        def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:  # noqa: ARG002
            return choices

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
            return queryset.filter(**{parameter: self.value()}) if self.value() else queryset

    return OneOf


TypeFilter = one_of("type", sorted(EVENT_TYPES))


class ExactTextFilter(TextFilter):  # type: ignore[misc]  # unfold has no types
    """A text box whose whole text must be equal."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[LedgerEvent]) -> QuerySet[LedgerEvent]:  # noqa: ARG002
        text = (self.value() or "").strip()
        return queryset.filter(**{self.parameter_name: text}) if text else queryset


class ActorFilter(ExactTextFilter):
    title = "agent or person"
    parameter_name = "actor_id"


class SubjectFilter(ExactTextFilter):
    title = "subject id"
    parameter_name = "subject_id"


class CorrelationFilter(ExactTextFilter):
    title = "correlation id"
    parameter_name = "correlation_id"


class MomentFilter(RangeDateTimeFilter):  # type: ignore[misc]  # unfold has no types
    """From one moment to another, UTC. unfold's own hands the database moments without a time zone."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[LedgerEvent]) -> QuerySet[LedgerEvent]:  # noqa: ARG002
        wanted = {"gte": self._moment("from"), "lte": self._moment("to")}
        return queryset.filter(
            **{f"{self.parameter_name}__{end}": moment for end, moment in wanted.items() if moment is not None}
        )

    def _moment(self, end: str) -> datetime | None:
        """None for what is missing or no moment."""
        day, time = (self.used_parameters.get(f"{self.parameter_name}_{end}_{part}", "") for part in (0, 1))
        found = parse_datetime_str(f"{day} {time}")
        return make_aware(found, UTC) if found is not None else None
