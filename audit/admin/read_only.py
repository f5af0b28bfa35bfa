"""Rows that are looked at and never edited, in whichever room they stand."""

from typing import Any, ClassVar

from django.contrib.admin import ShowFacets
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.views import ChangeList

from audit.admin.paginator import CappedPaginator


class LeanList(ChangeList):  # type: ignore[misc]  # unfold has no types
    """Reads no more of each row than its list shows."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: list[str] | None = None) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        return rows.only(*self.model_admin.list_reads) if self.model_admin.list_reads else rows


class ReadOnlyRows:
    """Before an admin class: no one adds, changes or deletes here; services alone write these rows.

    There may be millions: no list counts them all, in whole or by filter, nor asks which values a column holds (see
    `filters.one_of`).
    `list_reads` names the columns that a list takes, those of related rows included; empty for all of them.
    """

    list_reads: ClassVar[tuple[str, ...]] = ()

    paginator = CappedPaginator
    list_per_page = 50
    show_full_result_count = False
    show_facets = ShowFacets.NEVER

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[LeanList]:  # noqa: ARG002
        return LeanList

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False
