"""The rows of a change list, drawn: unfold's words for each value, in cells whose looks are a style sheet's.

unfold makes the headings anew for each row, looks up for each cell how its column is shown, and gives it forty class
names: two thirds of the time of a list and nine tenths of its text. Here a column is looked up once a page. Lists whose
rows are forms stay unfold's (`templates/admin/change_list.html`).
"""

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote as quote_address

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import lookup_field, quote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format, number_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.timezone import localtime
from unfold.admin import checkbox
from unfold.utils import (
    display_for_dropdown,
    display_for_field,
    display_for_header,
    display_for_label,
    display_for_value,
)

from approvals.domain.visible_text import reveal_as_text

CHECKBOX = "action_checkbox"
_ANY_KEY = "cs-any-key"
_TITLE = "Select record"
Draw = Callable[[models.Model], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """`opening` and `closing` of its cells; `is_link`: the value leads to the row's page."""

    opening: str
    closing: str
    is_link: bool
    draw: Draw


@dataclass(frozen=True, slots=True)
class Address:
    """Of a row's page: what stands before and after its key, as HTML."""

    before: str
    after: str

    def of(self, key: Any) -> str:
        return f"{self.before}{escape(quote_address(quote(str(key)), safe='/~:@'))}{self.after}"


def draw_rows(cl: ChangeList, headings: Sequence[Mapping[str, Any]]) -> SafeString:
    """Each row of the page as `<tr>`. `headings` in the order of the columns, as unfold makes them."""
    address = _address(cl)
    columns = list(_columns(cl, headings, is_linked=address is not None))
    return mark_safe("".join(_row(row, columns, address, cl.pk_attname) for row in cl.result_list))  # noqa: S308  # escaped


def _row(row: models.Model, columns: Sequence[Column], address: Address | None, key: str) -> str:
    parts = ['<tr class="data-row cs-listed">']
    for column in columns:
        value = _as_html(column.draw(row))
        if column.is_link and address is not None:
            value = f'<a class="cs-cell-link" href="{address.of(getattr(row, key))}">{value}</a>'
        parts += (column.opening, value, column.closing)
    parts.append("</tr>")
    return "".join(parts)


def _as_html(value: Any) -> str:
    """What is no markup yet, spelled out and escaped: Django's own looks for translations first, at twice the cost."""
    return value.__html__() if hasattr(value, "__html__") else html.escape(reveal_as_text(str(value)))


def _columns(cl: ChangeList, headings: Sequence[Mapping[str, Any]], *, is_linked: bool) -> Iterator[Column]:
    """The first column that may be linked is the row's heading, as in Django's own list."""
    linked = 0
    for name, heading in zip(cl.list_display, headings, strict=True):
        is_link = is_linked and _is_link(cl, name, is_first=not linked)
        tag = "th" if is_link and not linked else "td"
        linked += is_link
        yield Column(_opening(tag, name, heading), f"</{tag}>", is_link, _drawer(cl, name))


def _is_link(cl: ChangeList, name: Any, *, is_first: bool) -> bool:
    names: Any = cl.list_display_links
    if names is None or name == CHECKBOX:
        return False
    return name in names if names else is_first


def _opening(tag: str, name: Any, heading: Mapping[str, Any]) -> str:
    if name == CHECKBOX:
        return format_html('<{} class="cs-cell action-checkbox" data-label="{}">', tag, _TITLE)
    return format_html('<{} class="cs-cell field-{}" data-label="{}">', tag, _slug(name), capfirst(heading["text"]))


def _slug(name: Any) -> str:
    return name if isinstance(name, str) else getattr(name, "__name__", "column")


def _address(cl: ChangeList) -> Address | None:
    """None where the rows have no page."""
    name = f"admin:{cl.opts.app_label}_{cl.opts.model_name}_change"
    try:
        found = reverse(name, args=(_ANY_KEY,), current_app=cl.model_admin.admin_site.name)
    except NoReverseMatch:
        return None
    whole = add_preserved_filters({"preserved_filters": cl.preserved_filters, "opts": cl.opts}, found)
    before, _, after = whole.partition(_ANY_KEY)
    return Address(escape(before), escape(after))


def _drawer(cl: ChangeList, name: Any) -> Draw:
    if name == CHECKBOX:
        return _draw_checkbox
    empty = cl.model_admin.get_empty_value_display()
    field = _field(cl.lookup_opts, name)
    if field is None:
        return lambda row: _told(row, name, cl.model_admin, empty)
    if isinstance(field.remote_field, models.ManyToOneRel):
        return lambda row: _related(row, field.name, empty)
    show = _shower(field, empty)
    return lambda row: show(getattr(row, field.name))


def _shower(field: Any, empty: str) -> Callable[[Any], Any]:
    """How unfold shows a value of the field, with the choice made once and not for each cell."""
    if field.flatchoices and not isinstance(field, models.JSONField):
        words = dict(field.flatchoices)
        return lambda value: words.get(value, empty)
    match field:
        case models.BooleanField():
            return _boolean
        case models.CharField() | models.TextField() | models.UUIDField():
            return lambda value: empty if value is None or value == "" else str(value)
        case models.DateTimeField():
            return lambda value: empty if value is None else _moment(value)
        case models.IntegerField():
            return lambda value: empty if value is None else _number(value)
    return lambda value: display_for_field(value, field, empty)


def _moment(value: datetime) -> str:
    """By the format of `config.formats`: a day, then hours and minutes."""
    local = localtime(value)
    return f"{_day(local.date())} {local:%H:%M}"


@lru_cache(maxsize=1_024)
def _day(value: date) -> str:
    return date_format(value)


@lru_cache(maxsize=4_096)
def _number(value: int) -> str:
    return number_format(value)


def _field(options: Any, name: Any) -> Any:
    """The model's own field of this name, if there is one."""
    if not isinstance(name, str):
        return None
    try:
        field = options.get_field(name)
    except FieldDoesNotExist:
        return None
    is_column = isinstance(field, models.Field) and field.attname == name and not field.is_relation
    is_own = is_column or (isinstance(field, models.ForeignKey) and field.name == name)
    return field if is_own and not field.auto_created else None


def _related(row: models.Model, name: str, empty: str) -> Any:
    try:
        found = getattr(row, name)
    except ObjectDoesNotExist:
        return empty
    return empty if found is None else found


def _told(row: models.Model, name: Any, model_admin: Any, empty: str) -> Any:
    """What a method or a property says, as its `display` decoration wants it shown."""
    try:
        _, source, value = lookup_field(name, row, model_admin)
    except ObjectDoesNotExist:
        return empty
    empty = getattr(source, "empty_value_display", empty)
    if label := getattr(source, "label", False):
        return _label(value, empty, label)
    if getattr(source, "dropdown", False):
        return display_for_dropdown(row, name, value, empty)
    if getattr(source, "header", False):
        return display_for_header(value, empty)
    return _boolean(value) if getattr(source, "boolean", False) else display_for_value(value, empty)


def _draw_checkbox(row: models.Model) -> SafeString:
    before, after = _checkbox()
    return format_html("{}{}{}", before, row.pk, after)


@lru_cache(maxsize=1)
def _checkbox() -> tuple[SafeString, SafeString]:
    """unfold's box, before and after the key of its row."""
    before, _, after = checkbox.render(ACTION_CHECKBOX_NAME, _ANY_KEY).partition(_ANY_KEY)
    return mark_safe(before), mark_safe(after)  # noqa: S308  # a widget's own markup


def _label(value: Any, empty: str, label: Any) -> Any:
    kind = label.get(value) if isinstance(label, dict) and isinstance(value, str) else None
    return _badge(value, kind) if isinstance(value, str) else display_for_label(value, empty, label)


@lru_cache(maxsize=1_024)
def _badge(value: str, kind: str | None) -> Any:
    return display_for_label(value, "", {value: kind})


@lru_cache(maxsize=4)
def _boolean(value: bool | None) -> Any:  # noqa: FBT001  # an icon's value
    return display_for_value(value, "", boolean=True)
