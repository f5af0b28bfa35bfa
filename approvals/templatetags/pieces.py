"""Texts of others as pages show them, each character that cannot be seen spelled out and marked (APR-03).

Drawn here and not by a template: a review shows dozens of them, and each was an include of three nodes a piece.
"""

from html import escape

from django import template
from django.utils.safestring import SafeString

from approvals.domain.visible_text import Piece

register = template.Library()

_MARK = '<span class="cs-mark" title="a character that cannot be seen">{}</span>'


def fill(words: str, *values: object) -> SafeString:
    """The words with each value escaped in its place, unless it is HTML of ours. Django's `format_html` also looks for
    lazy texts, which took half of its time."""
    escaped = [value if isinstance(value, SafeString) else escape(str(value)) for value in values]
    return SafeString(words.format(*escaped))


def joined(parts: list[SafeString]) -> SafeString:
    """What has been through `fill`, one after the other."""
    return SafeString("".join(parts))


@register.simple_tag
def pieces(shown: tuple[Piece, ...]) -> SafeString:
    """The text of these pieces."""
    if len(shown) == 1 and not shown[0].is_mark:
        return SafeString(escape(shown[0].text))
    return joined([fill(_MARK if piece.is_mark else "{}", piece.text) for piece in shown])
