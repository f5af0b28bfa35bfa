"""A sales manager at the review pages: reads each diff as the page shows it and decides by what stands there."""

import re
import time
from collections import Counter

from config.demo.browser import Browser, Page

_REVIEW = re.compile(r"^/review/[0-9a-f-]{36}/")


def list_waiting(browser: Browser) -> list[str]:
    """Addresses of what waits for this manager, in the order of the inbox, over all its pages."""
    found: list[str] = []
    address = "/review/"
    while address:
        page = browser.get(address)
        found += [link for link in page.links if _REVIEW.match(link) and link not in found]
        address = next((link for link in page.links if "after=" in link and not _REVIEW.match(link)), "")
        address = f"/review/{address}" if address.startswith("?") else address
    return found


def approve(browser: Browser, address: str) -> Page:
    page = browser.get(address)
    return browser.submit(page, _form(page, "approve"))


def deny(browser: Browser, address: str, note: str) -> Page:
    page = browser.get(address)
    return browser.submit(page, _form(page, "deny"), note=note)


def decide(browser: Browser, address: str) -> str:
    """Deny what carries a risk flag, approve the rest; returns the verdict."""
    page = browser.get(address)
    if "territory_ambiguous" in page.text:
        browser.submit(page, _form(page, "deny"), note="The territory is a guess; please ask the rep.")
        return "denied"
    browser.submit(page, _form(page, "approve"))
    return "approved"


def clear_inbox(browser: Browser, *, leave: int, until: float) -> Counter[str]:
    """Decide what waits, oldest first, but leave the last few alone; stop at the monotonic time `until`."""
    verdicts: Counter[str] = Counter()
    waiting = list_waiting(browser)
    for address in waiting[: max(0, len(waiting) - leave)]:
        if time.monotonic() > until:
            break
        verdicts[decide(browser, address)] += 1
    return verdicts


def _form(page: Page, verdict: str):  # type: ignore[no-untyped-def]
    for form in page.forms:
        if form.action.rstrip("/").endswith(verdict) or f"/{verdict}/" in form.action:
            return form
    raise LookupError(f"the page at {page.url} ({page.status}) offers no way to {verdict}")
