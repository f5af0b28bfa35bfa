"""The checks of a decision as pages list them. Drawn here and not by a template: a review has some thirty."""

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from approvals.services.pages.review import ShownCheck
from approvals.templatetags.pieces import fill, joined, pieces

register = template.Library()

_CHECK = """<li class="cs-check cs-check-{}">
    <span class="cs-check-sign" aria-hidden="true">{}</span>
    <span class="cs-check-text"><span class="cs-label">{}{}</span>
    {}
    <code class="cs-code">{} · {}</code></span>
</li>
"""
_ASKS = "!", "asks for approval"
_SIGNS = {
    "pass": ("✓", "passed"),
    "deny": ("✕", "denies"),
    "not_run": ("–", "not run"),
    "redirect": ("→", "redirects"),
}


@register.simple_tag
def list_checks(shown: Iterable[ShownCheck]) -> SafeString:
    """An item each, in the order given."""
    return joined([_check(check) for check in shown])


def _check(check: ShownCheck) -> SafeString:
    sign, words = _SIGNS.get(check.outcome, _ASKS)
    label = f" · {check.label}" if check.label else ""
    message = fill("<span>{}</span>", pieces(check.message)) if check.message else ""
    return fill(_CHECK, check.outcome, sign, capfirst(check.check), label, message, words, check.code)
