"""Filters of the ledger screen: each is an equality that one index answers."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import TextFilter

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
