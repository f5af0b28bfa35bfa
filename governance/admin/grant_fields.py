"""The fields of one grant, found by typing: a page names those that are chosen, and the rest is asked for."""

from typing import Any

from django import forms
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminSelect2MultipleWidget

from governance.models import Grant
from governance.selectors.grants import list_field_names

SHOWN = 50
"""Names an answer; who scrolls on gets the next."""


class FieldsWidget(UnfoldAdminSelect2MultipleWidget):  # type: ignore[misc]  # unfold has no types
    """Draws what is chosen alone: an object may have thousands of fields, and a page has fifty such boxes."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> list[Any]:  # noqa: ARG002
        return [
            (None, [self.create_option(name, item, item, selected=True, index=place)], place)
            for place, item in enumerate(value)
        ]


class FieldsField(forms.MultipleChoiceField):
    """Fields of one object. Choosing the same ones changes nothing."""

    widget = FieldsWidget

    def offer(self, row: Grant, names: list[str], chosen: list[str]) -> None:
        """Take these names, and what is chosen and registered no more: it stays to be seen and taken out."""
        self.choices = [(item, item) for item in (*names, *(item for item in chosen if item not in names))]
        if row.pk is not None:
            self.widget.attrs["data-ajax--url"] = reverse("admin:governance_grant_fields", args=[row.pk])
            self.widget.attrs["data-ajax--delay"] = 150

    def has_changed(self, initial: Any, data: Any) -> bool:
        return sorted(initial or []) != sorted(data or [])

    def clean(self, value: Any) -> list[str]:
        return sorted(super().clean(value))


def answer_fields(request: HttpRequest, row: Grant) -> JsonResponse:
    """Registered fields of the grant's object that hold what was typed, a page at a time, as select2 asks for them."""
    term = request.GET.get("term", "").strip().lower()
    page = request.GET.get("page", "1")
    start = (max(1, int(page)) - 1) * SHOWN if page.isdecimal() and len(page) < 6 else 0
    known = list_field_names([row.connection_id]).get((row.connection_id, row.object_type), [])
    found = [name for name in known if term in name.lower()]
    return JsonResponse(
        {
            "results": [{"id": name, "text": name} for name in found[start : start + SHOWN]],
            "pagination": {"more": len(found) > start + SHOWN},
        }
    )
