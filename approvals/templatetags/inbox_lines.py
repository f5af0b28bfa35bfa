"""One request as a line of the inbox and of batches.

Drawn here and not by a template: fifty lines of forty nodes and six includes each took most of the inbox's time, and
half of what was left was `format_html` telling lazy texts from others. So values are escaped by `_of`, which every one
of them goes through, and what is joined has been through it.
"""

from functools import cache
from html import escape
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
def inbox_line(
    line: InboxLine,
    *,
    query: str = "",
    may_decide: bool | str = False,
    is_checked: bool = False,
    is_alike: bool = False,
    show_status: bool = False,
    is_of_batch: bool = False,
) -> SafeString:
    """`query` narrows the list that its page leads back to. Of one that `is_alike` its group says the rest."""
    row = line.row
    return _of(
        _LINE,
        " cs-line-stray" if line.reasons else "",
        _tick(line, is_checked=is_checked) if may_decide else "",
        _review(row.request.pk) + (f"?{query}" if query else ""),
        row.words,
        _changes(row),
        _why(line),
        _chips(line, is_alike=is_alike, show_status=show_status),
        _batch(row) if not is_of_batch else "",
        row.age,
        _expiry(row),
    )


@register.simple_tag
def mini_value(value: ShownValue) -> SafeString:
    """A value in a line: its beginning where it is long."""
    if value.is_empty:
        return _EMPTY
    if value.kind == "unread":
        return _UNREAD
    if value.preview:
        return _of("<bdi>{}…</bdi>", _pieces(value.preview))
    if value.label:
        return _of('<bdi title="{}">{}</bdi>', _text(value.pieces), _pieces(value.label))
    return _of("<bdi>{}</bdi>", _pieces(value.pieces))


def _text(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in pieces)


def _of(words: str, *values: object) -> SafeString:
    """The words with each value escaped in its place, unless it is HTML of ours."""
    escaped = [value if isinstance(value, SafeString) else escape(str(value)) for value in values]
    return SafeString(words.format(*escaped))


def _joined(parts: list[SafeString]) -> SafeString:
    return SafeString("".join(parts))


def _pieces(pieces: tuple[Piece, ...]) -> SafeString:
    mark = '<span class="cs-mark" title="a character that cannot be seen">{}</span>'
    return _joined([_of(mark if piece.is_mark else "{}", piece.text) for piece in pieces])


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
    return _of(_TICK, request.pk, request.digest, " checked" if is_checked else "", line.row.words)


def _changes(row: RequestRow) -> SafeString:
    drawn = [_change(change) for change in row.changes]
    if row.more_changes:
        drawn.append(_of('<li class="cs-muted">and {} more</li>', row.more_changes))
    return _joined(drawn)


def _change(change: ShownChange) -> SafeString:
    return _of(_CHANGE, change.label, mini_value(change.before), mini_value(change.after))


def _why(line: InboxLine) -> SafeString | str:
    if not (line.own_look or line.reasons):
        return ""
    look = [_of(_WARN, f"look at it by itself: {line.own_look}")] if line.own_look else []
    return _of('<p class="cs-line-why">{}</p>', _joined(look + [_of(_WARN, one) for one in line.reasons]))


def _chips(line: InboxLine, *, is_alike: bool, show_status: bool) -> SafeString:
    row, tier = line.row, line.row.request.risk_tier
    drawn = [_of('<span class="cs-chip cs-{}">{}</span>', row.tone, row.status)] if show_status else []
    if tier and not is_alike:
        drawn.append(_of('<span class="cs-chip cs-tier-{}">{}</span>', tier, tier))
    if row.needs and not is_alike:
        drawn.append(_of('<span class="cs-chip">{}</span>', row.needs))
    drawn += [_of(_WARN, flag) for flag in line.flags]
    if not is_alike:
        drawn.append(_of('<span class="cs-fact">{}</span>', row.requester))
    return _joined(drawn)


def _batch(row: RequestRow) -> SafeString | str:
    if not row.request.batch_id:
        return ""
    address = reverse("approvals:agent_batch", args=[row.request.batch_id])
    return _of('<a class="cs-link cs-above" href="{}">of a batch</a>', address)


def _expiry(row: RequestRow) -> SafeString | str:
    expires_at = row.request.expires_at
    if not row.expires_in or expires_at is None:
        return ""
    soon = " cs-soon" if row.is_expiring_soon else ""
    return _of(_EXPIRES, soon, row.used, row.used, localtime(expires_at).isoformat(), row.expires_in)
