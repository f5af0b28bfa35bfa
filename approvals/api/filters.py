"""Filters of the list of requests. A name or value that is not understood is refused, never ignored."""

from datetime import UTC, datetime
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from approvals.api.problem import ProblemError
from approvals.domain.status import Status
from approvals.models import AgentActionRequest

PAGING = frozenset({"cursor", "limit"})

LIST_PARAMETERS = [
    OpenApiParameter("status", many=True, enum=[status.value for status in Status], description="One or several"),
    OpenApiParameter("action"),
    OpenApiParameter("object", description="The object that is written"),
    OpenApiParameter("record", description="The record that is written"),
    OpenApiParameter("connection"),
    OpenApiParameter("correlation_id"),
    OpenApiParameter("batch", OpenApiTypes.UUID),
    OpenApiParameter("created_after", OpenApiTypes.DATETIME, description="Inclusive"),
    OpenApiParameter("created_before", OpenApiTypes.DATETIME, description="Exclusive"),
    OpenApiParameter("limit", OpenApiTypes.INT, description="1–200, 50 when left out"),
    OpenApiParameter("cursor", description="`next_cursor` of the page before"),
]


def _is_storable(moment: datetime) -> None:
    """At the edges of the calendar an offset leads out of it, and no database could compare with that."""
    try:
        moment.astimezone(UTC)
    except OverflowError:
        raise ValidationError("enter a time within the years 1 to 9999") from None


class RequestFilter(django_filters.FilterSet):  # type: ignore[misc]  # the package ships no types
    """`created_after` is inclusive, `created_before` is not."""

    status = django_filters.MultipleChoiceFilter(choices=[(status.value, status.value) for status in Status])
    action = django_filters.CharFilter(max_length=30)
    object = django_filters.CharFilter(field_name="object_type", max_length=60)
    record = django_filters.CharFilter(field_name="record_id", max_length=120)
    connection = django_filters.CharFilter(field_name="connection__name", max_length=60)
    correlation_id = django_filters.CharFilter(max_length=120)
    batch = django_filters.UUIDFilter(field_name="batch_id")
    created_after = django_filters.IsoDateTimeFilter(
        field_name="created_at", lookup_expr="gte", validators=[_is_storable]
    )
    created_before = django_filters.IsoDateTimeFilter(
        field_name="created_at", lookup_expr="lt", validators=[_is_storable]
    )

    class Meta:
        model = AgentActionRequest
        fields: list[str] = []


def apply_filters(parameters: QueryDict, rows: QuerySet[AgentActionRequest]) -> Any:
    """`rows` narrowed down by the query string. Raises ProblemError (422)."""
    for name in parameters:
        if name not in RequestFilter.base_filters and name not in PAGING:
            raise ProblemError(422, "unknown_parameter", f"`{name}` is no parameter of this list")
    filters = RequestFilter(parameters, queryset=rows)
    if not filters.is_valid():
        name, errors = next(iter(filters.errors.items()))
        raise ProblemError(422, "invalid_parameter", f"`{name}`: {' '.join(errors).lower()}")
    return filters.qs
