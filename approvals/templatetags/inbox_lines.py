"""Requests as lines of the inbox and of batches.

Drawn here and not by a template: fifty lines of forty nodes and six includes each took most of the inbox's time, and
half of what was left was `format_html` telling lazy texts from others. So values are escaped by `fill`, which every one
of them goes through, and what is joined has been through it.
"""

from collections.abc import Iterable
from functools import cache
from uuid import UUID

from django import template
from django.urls import get_script_prefix, reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from approvals.domain.shown_value import ShownValue
from approvals.domain.visible_text import Piece
from approvals.services.pages.changes import ShownChange
from approvals.services.pages.inbox import InboxLine
from approvals.services.pages.rows import RequestRow
from approvals.templatetags.pieces import fill, joined, pieces

register = template.Library()

_ANY = UUID(int=0)
_EMPTY, _UNREAD = mark_safe('<span class="cs-empty">empty</span>'), mark_safe('<span class="cs-empty">not read</span>')
_LINE = """<li class="cs-line{}" data-row>
{}
<div class="cs-line-main"><a class="cs-row-link" href="{}"><bdi>{}</bdi></a>
<ul class="cs-mini-diff">{}</ul>
{}</div>
<div class="cs-line-facts">{}
{}
<span class="cs-fact">{} old</span>{}</div>
</li>"""
_TICK = (
    '<label class="cs-tick"><input type="checkbox" name="item" value="{}:{}" data-pick{}>'
    '<span class="cs-hidden">Select {}</span></label>'
)
_LOOK = mark_safe('<span class="cs-line-look" aria-hidden="true" title="Open it to decide">!</span>')
_CHANGE = (
    '<li><span class="cs-label">{}</span> <span class="cs-mini-value cs-mini-before">{}</span> '
    '<span class="cs-arrow" aria-label="becomes">→</span> <span class="cs-mini-value cs-mini-after">{}</span></li>'
)
_EXPIRES = (
    '<span class="cs-fact{}"><meter class="cs-time-left" min="0" max="100" high="80" low="50" optimum="0" value="{}" '
    'aria-label="Time used up" title="{} % of its time is over"></meter> expires in '
    '<time datetime="{}" data-countdown>{}</time></span>'
)
_WARN = '<span class="cs-chip cs-warn">{}</span>'


@register.simple_tag
def inbox_lines(
    lines: Iterable[InboxLine],
    *,
    query: str = "",
    may_decide: bool | str = False,
    is_checked: bool = False,
    is_alike: bool = False,
    show_status: bool = False,
    is_of_batch: bool = False,
) -> SafeString:
    """`query` narrows the list that their pages lead back to. What `is_alike` has a group to say the rest."""
    back = f"?{query}" if query else ""
    return joined(
        [
            fill(
                _LINE,
                " cs-line-stray" if line.reasons else "",
                _tick(line, is_checked=is_checked) if may_decide else "",
                _review(line.row.request.pk) + back,
                line.row.words,
                _changes(line.row),
                _why(line),
                _chips(line, is_alike=is_alike, show_status=show_status),
                _batch(line.row) if not is_of_batch else "",
                line.row.age,
                _expiry(line.row),
            )
            for line in lines
        ]
    )


@register.simple_tag
def mini_value(value: ShownValue) -> SafeString:
    """A value in a line: its beginning where it is long."""
    if value.is_empty:
        return _EMPTY
    if value.kind == "unread":
        return _UNREAD
    if value.preview:
        return fill("<bdi>{}…</bdi>", pieces(value.preview))
    if value.label:
        return fill('<bdi title="{}">{}</bdi>', _text(value.pieces), pieces(value.label))
    return fill("<bdi>{}</bdi>", pieces(value.pieces))


def _text(shown: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in shown)


@cache
def _pattern(prefix: str) -> str:  # noqa: ARG001  # what an address hangs on
    return reverse("approvals:review", args=[_ANY])


def _review(request_id: UUID) -> str:
    """Kept for the life of the process: fifty look-ups of one pattern."""
    return _pattern(get_script_prefix()).replace(str(_ANY), str(request_id))


def _tick(line: InboxLine, *, is_checked: bool) -> SafeString:
    request = line.row.request
    if request.status != "pending":
        return mark_safe('<span class="cs-tick"></span>')
    if line.own_look:
        return _LOOK
    return fill(_TICK, request.pk, request.digest, " checked" if is_checked else "", line.row.words)


def _changes(row: RequestRow) -> SafeString:
    drawn = [_change(change) for change in row.changes]
    if row.more_changes:
        drawn.append(fill('<li class="cs-muted">and {} more</li>', row.more_changes))
    return joined(drawn)


def _change(change: ShownChange) -> SafeString:
    return fill(_CHANGE, change.label, mini_value(change.before), mini_value(change.after))


def _why(line: InboxLine) -> SafeString | str:
    if not (line.own_look or line.reasons):
        return ""
    look = [fill(_WARN, f"look at it by itself: {line.own_look}")] if line.own_look else []
    return fill('<p class="cs-line-why">{}</p>', joined(look + [fill(_WARN, one) for one in line.reasons]))


def _chips(line: InboxLine, *, is_alike: bool, show_status: bool) -> SafeString:
    row, tier = line.row, line.row.request.risk_tier
    drawn = [fill('<span class="cs-chip cs-{}">{}</span>', row.tone, row.status)] if show_status else []
    if tier and not is_alike:
        drawn.append(fill('<span class="cs-chip cs-tier-{}">{}</span>', tier, tier))
    if row.needs and not is_alike:
        drawn.append(fill('<span class="cs-chip">{}</span>', row.needs))
    drawn += [fill(_WARN, flag) for flag in line.flags]
    if not is_alike:
        drawn.append(fill('<span class="cs-fact">{}</span>', row.requester))
    return joined(drawn)


def _batch(row: RequestRow) -> SafeString | str:
    if not row.request.batch_id:
        return ""
    address = reverse("approvals:agent_batch", args=[row.request.batch_id])
    return fill('<a class="cs-link cs-above" href="{}">of a batch</a>', address)


def _expiry(row: RequestRow) -> SafeString | str:
    expires_at = row.request.expires_at
    if not row.expires_in or expires_at is None:
        return ""
    soon = " cs-soon" if row.is_expiring_soon else ""
    return fill(_EXPIRES, soon, row.used, row.used, localtime(expires_at).isoformat(), row.expires_in)
