"""The sidebar, drawn: unfold's markup, made here and not by a template of some forty nodes an item, because it is on
every page of the console and was a quarter of what a page takes."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_GROUP = '<div class="hidden mb-1.5 has-[ol]:has-[li]:block"{}>{}<ol class="flex flex-col gap-0.5 px-6"{}>{}</ol></div>'
_TITLE = (
    '<h2 class="font-semibold flex flex-row group items-center mb-1 mx-3 py-1.5 px-3 select-none '
    'text-font-important-light text-sm dark:text-font-important-dark{}"{}>{}{}</h2>'
)
_FOLDS = mark_safe(
    '<span class="material-symbols-outlined ml-auto transition-transform group-hover:text-primary-600 '
    'dark:group-hover:text-primary-500" x-bind:class="{\'rotate-90\': navigationOpen}">chevron_right</span>'
)
_FOLDABLE = " cursor-pointer hover:text-primary-600 dark:hover:text-primary-500"
_ON_CLICK = mark_safe(' x-on:click="navigationOpen = !navigationOpen"')
_SHOWN = mark_safe(' x-show="navigationOpen"')
_ITEM = (
    '<li><a href="{}" class="flex h-[38px] items-center -mx-3 px-3 rounded-default hover:text-primary-600 '
    'dark:hover:text-primary-500 {}"><span class="material-symbols-outlined md-18 mr-3 w-[18px]">{}</span>'
    "<span>{}</span></a></li>"
)
_HERE = "bg-base-100 font-semibold text-primary-600 dark:bg-white/[.06] dark:text-primary-500 active"


@register.simple_tag
def sidebar_groups(groups: Iterable[Mapping[str, Any]]) -> SafeString:
    """What `config.console.navigation` lists, a heading and its items a group."""
    return mark_safe("".join(_group(group) for group in groups if group["items"]))  # noqa: S308  # each by format_html


def _group(group: Mapping[str, Any]) -> SafeString:
    items, folds = group["items"], group["collapsible"]
    is_open = "true" if any(item["active"] for item in items) else "false"
    state = format_html(' x-data="{{navigationOpen: {}}}"', is_open) if folds else ""
    return format_html(_GROUP, state, _title(group), _SHOWN if folds else "", _items(items))


def _title(group: Mapping[str, Any]) -> SafeString | str:
    if not group["title"]:
        return ""
    if group["collapsible"]:
        return format_html(_TITLE, _FOLDABLE, _ON_CLICK, group["title"], _FOLDS)
    return format_html(_TITLE, "", "", group["title"], "")


def _items(items: Iterable[Mapping[str, Any]]) -> SafeString:
    drawn = (
        _ITEM.format(escape(item["link"]), _HERE if item["active"] else "", escape(item["icon"]), escape(item["title"]))
        for item in items
    )
    return mark_safe("".join(drawn))  # noqa: S308  # each value escaped
