"""The sidebar, drawn: unfold's markup, made here and not by a template of some forty nodes an item, because it is on
every page of the console. It hangs on its groups alone, so each is drawn once and kept."""

from collections.abc import Iterable
from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from config.console.navigation import Entry, Group

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
_PLAIN = '<a href="{}">{}</a> '


@lru_cache(maxsize=4_096)
def draw_group(group: Group) -> SafeString:
    """A heading and its entries."""
    state = ""
    if group.is_foldable:
        state = format_html(' x-data="{{navigationOpen: {}}}"', "true" if group.here else "false")
    shown = _SHOWN if group.is_foldable else ""
    entries = _join(_draw(entry, is_here=entry.link == group.here) for entry in group.entries)
    return format_html(_GROUP, state, _title(group), shown, entries)


@lru_cache(maxsize=1_024)
def draw_plainly(entries: tuple[Entry, ...]) -> SafeString:
    """The same as links one after the other, for browsers without scripts."""
    return _join(format_html(_PLAIN, entry.link, entry.title) for entry in entries)


def _title(group: Group) -> SafeString | str:
    if not group.title:
        return ""
    if group.is_foldable:
        return format_html(_TITLE, _FOLDABLE, _ON_CLICK, group.title, _FOLDS)
    return format_html(_TITLE, "", "", group.title, "")


def _draw(entry: Entry, *, is_here: bool) -> SafeString:
    return format_html(_ITEM, entry.link, _HERE if is_here else "", entry.icon, entry.title)


def _join(parts: Iterable[SafeString]) -> SafeString:
    return mark_safe("".join(parts))  # noqa: S308  # each by format_html
