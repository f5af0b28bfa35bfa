"""The head of a change list's table, drawn: by what may be sorted, and how it is."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

Heading = Mapping[str, Any]

_HEAD = "<thead><tr>{}</tr></thead>"
_CELL = '<th class="cs-heading {}" scope="col"><div class="flex items-center"><div class="text">{}</div>{}</div></th>'
_ALL = '<label class="cs-all">{}<span class="cs-all-words">Select all rows</span></label>'
_SORTED = (
    '<div class="sortoptions flex items-center ml-2"><a href="{}" class="toggle {}" title="Toggle sorting">'
    '<span class="block material-symbols-outlined">{}</span></a><a class="sortremove ml-1" href="{}" '
    'title="Remove from sorting"><span class="block material-symbols-outlined">cancel</span></a></div>{}'
)
_PRIORITY = '<span class="sortpriority font-medium ml-2 text-xs" title="Sorting priority: {}">{}</span>'


def draw_headings(headings: Sequence[Heading]) -> SafeString:
    """`headings` as unfold makes them."""
    is_shared = sum(bool(heading["sortable"] and heading["sorted"]) for heading in headings) > 1
    cells = ((heading["class_attrib"], _words(heading), _sorting(heading, is_shared=is_shared)) for heading in headings)
    return format_html(_HEAD, format_html_join("", _CELL, cells))


def _words(heading: Heading) -> SafeString:
    if heading["sortable"]:
        return format_html('<a href="{}">{}</a>', heading["url_primary"], capfirst(heading["text"]))
    if heading["class_attrib"] == "action-checkbox-column":
        return format_html(_ALL, heading["text"])
    return format_html("<span>{}</span>", capfirst(heading["text"]))


def _sorting(heading: Heading, *, is_shared: bool) -> SafeString:
    """How it is sorted, to be turned round or taken away; `is_shared`: by other columns too."""
    if not heading["sortable"] or not heading["sort_priority"]:
        return mark_safe("")
    name, icon = ("ascending", "arrow_circle_down") if heading["ascending"] else ("descending", "arrow_circle_up")
    rank = heading["sort_priority"]
    priority = format_html(_PRIORITY, rank, rank) if is_shared else ""
    return format_html(_SORTED, heading["url_toggle"], name, icon, heading["url_remove"], priority)
