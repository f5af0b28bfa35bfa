"""One filter of a change list, drawn: unfold's markup, which a template made at five times the cost."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.admin.filters import BooleanFieldListFilter
from django.utils.encoding import iri_to_uri
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

_BOX = (
    '<div><h3 class="font-semibold mb-2 text-font-important-light dark:text-font-important-dark">By {}</h3>{}'
    '<ul class="cs-choices{}">{}</ul></div>'
)
_CHOICE = '<li class="cs-choice{}"><a href="{}" title="{}">{}</a></li>'
_MORE = '<li class="cs-choice">{} more: search for them</li>'
MOST = 200
"""Choices that are drawn: a column of twenty thousand values is no list to choose from."""
_KEPT = '<input type="hidden" name="{}" value="{}">'


def draw_filter(spec: Any, title: str, choices: Iterable[Mapping[str, Any]]) -> SafeString:
    """`choices` as Django's filters tell them, the first 200 and what is chosen; the rest is found by searching. The
    chosen one is kept where the filters are one form."""
    given = list(choices)
    told = [choice for place, choice in enumerate(given) if place < MOST or choice["selected"]]
    is_row = isinstance(spec, BooleanFieldListFilter) or getattr(spec, "horizontal", False)
    lines = (
        (_chosen(choice), iri_to_uri(choice["query_string"]), choice["display"], choice["display"]) for choice in told
    )
    return format_html(
        _BOX,
        title,
        _keep(spec, told),
        mark_safe(" cs-choices-row") if is_row else "",
        format_html_join("", _CHOICE, lines) + _rest(len(given) - len(told)),
    )


def _rest(count: int) -> SafeString:
    return format_html(_MORE, count) if count else SafeString()


def _chosen(choice: Mapping[str, Any]) -> SafeString | str:
    return mark_safe(" cs-chosen") if choice["selected"] else ""


def _keep(spec: Any, choices: Iterable[Mapping[str, Any]]) -> SafeString | str:
    values = getattr(spec, "lookup_val", None)
    if not values or not any(choice["selected"] for choice in choices):
        return ""
    return format_html(_KEPT, spec.lookup_kwarg, values[0])
