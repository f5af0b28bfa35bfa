"""A manager at the page of suggestions: takes some over into the fields themselves, says no to one (REG-06)."""

from collections.abc import Callable

from approvals.models import Suggestion
from config.demo.browser import Browser
from config.demo.story import wait_for

TAKEN = 3
_PAGE = "/suggestions/"
_UNDER_WAY = {"promotion__status__in": ["approved", "executing"]}


def settle_suggestions(*, browser: Browser, say: Callable[[str], object]) -> None:
    """Promote the first few that the page offers, dismiss the next, and wait until the CRM holds them."""
    page = browser.get(_PAGE)
    form = next((form for form in page.forms if any(name == "only" for name, _ in form.buttons)), None)
    if form is None:
        say("No agent suggested anything that a person could promote.")
        return
    offered = sorted(value for name, value in form.buttons if name == "only")
    for suggestion_id in offered[:TAKEN]:
        browser.submit(page, form, only=suggestion_id)
    for suggestion_id in offered[TAKEN : TAKEN + 1]:
        browser.submit(page, form, chosen=suggestion_id, verdict="dismiss", reason="We call them first.")
    wait_for(lambda: not Suggestion.objects.filter(pk__in=offered, **_UNDER_WAY).exists(), seconds=15)
    ends = [Suggestion.objects.filter(pk__in=offered, state=state).count() for state in ("promoted", "dismissed")]
    say(f"At the page of suggestions the manager promoted {ends[0]} and dismissed {ends[1]}.")
