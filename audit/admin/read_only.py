"""Rows that are looked at and never edited, in whichever room they stand."""

from typing import Any

from django.http import HttpRequest


class ReadOnlyRows:
    """Before an admin class: no one adds, changes or deletes here; services alone write these rows."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False
