"""Filters of the ledger screen: each is an equality that one index answers."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import TextFilter

from audit.domain.event_types import EVENT_TYPES
from audit.models import LedgerEvent


class TypeFilter(admin.SimpleListFilter):
    """By event type. The closed list, not SELECT DISTINCT over the ledger."""

    title = "type"
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(name, name) for name in sorted(EVENT_TYPES)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LedgerEvent]) -> QuerySet[LedgerEvent]:  # noqa: ARG002
        return queryset.filter(type=self.value()) if self.value() else queryset


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
