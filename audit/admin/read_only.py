"""Rows that are looked at and never edited, in whichever room they stand."""

from typing import Any

from django.http import HttpRequest

from audit.admin.paginator import CappedPaginator


class ReadOnlyRows:
    """Before an admin class: no one adds, changes or deletes here; services alone write these rows.

    There may be millions: no list counts them all, nor asks which values a column holds (see `filters.one_of`).
    """

    paginator = CappedPaginator
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False
