"""The console's template tags (`{% load console %}`): what is on every page, or once for each row, drawn without a
template."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django import template
from django.contrib.admin.views.main import ChangeList
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.templatetags.unfold_list import result_headers

from approvals.domain.visible_text import reveal_as_text
from config.console.crm_links import CrmLinks, get_crm_links
from config.console.filters import draw_filter
from config.console.header import StopPanel
from config.console.headings import draw_headings
from config.console.navigation import Group
from config.console.rows import draw_rows
from config.console.sidebar import draw_group, draw_plainly
from governance.models import Connection

register = template.Library()


@register.simple_tag
def sidebar_groups(groups: Iterable[Group]) -> SafeString:
    """What `config.console.navigation` lists, a heading and its entries a group."""
    return SafeString("".join(map(draw_group, groups)))


@register.simple_tag
def plain_links(groups: Iterable[Group]) -> SafeString:
    """The same as links one after the other, for browsers without scripts."""
    return SafeString("".join(draw_plainly(group.entries) for group in groups))


@register.simple_tag
def stop_choices(panel: StopPanel, workspace: str, *agents: Any) -> SafeString:
    """What may be stopped; chosen beforehand are the page's workspace, by slug, and the first agent that is one."""
    return _stop_choices(panel, workspace, next(filter(None, agents), None))


@lru_cache(maxsize=256)
def _stop_choices(panel: StopPanel, workspace: str, agent_id: Any) -> SafeString:
    values = {"panel": panel, "workspace": workspace, "agent_id": agent_id}
    return render_to_string("approvals/_stop_choices.html", values)


@register.simple_tag
def filter_box(spec: Any, title: str, choices: Iterable[Mapping[str, Any]]) -> SafeString:
    """One filter of a change list."""
    return draw_filter(spec, title, choices)


@register.inclusion_tag("admin/change_list_rows.html")
def result_rows(cl: ChangeList) -> dict[str, Any]:
    """The table of a change list whose rows are no forms."""
    headings = list(result_headers(cl))
    return {
        "is_below_a_bar": bool(cl.search_fields or cl.has_filters),
        "headings": draw_headings(headings),
        "rows": draw_rows(cl, headings),
    }


@register.simple_tag(takes_context=True)
def crm_links(context: Mapping[str, Any], connection: Connection | None = None) -> CrmLinks:
    """Where this person goes from the connections, or from one, to set a CRM up."""
    return get_crm_links(context["request"], connection)


@register.filter
def spaced(name: str) -> str:
    """A name of ours with underscores, as words."""
    return name.replace("_", " ")


@register.filter
def spelled(text: Any) -> str:
    """Words that somebody wrote, with every character spelled out that a reader would not see (APR-03)."""
    return reveal_as_text(str(text))
