"""A sales manager at the review pages: reads each diff as the page shows it and decides by what stands there."""

import re
import time
from collections import Counter

from config.demo.browser import Browser, Form, Page

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


def approve(browser: Browser, address: str) -> bool:
    """Approve what this page shows; says whether the page offered it."""
    page = browser.get(address)
    form = _form(page, "approve")
    return form is not None and browser.submit(page, form).status == 200


def decide(browser: Browser, page: Page) -> str:
    """Deny what carries a risk flag, approve the rest; returns the verdict, `too late` where nothing is offered."""
    is_doubtful = "territory_ambiguous" in page.text
    form = _form(page, "deny" if is_doubtful else "approve")
    if form is None:
        return "too late"
    note = {"note": "The territory is a guess; please ask the rep."} if is_doubtful else {}
    return ("denied" if is_doubtful else "approved") if browser.submit(page, form, **note).status == 200 else "too late"


def clear_inbox(browser: Browser, *, new_records: int, leave: int, until: float) -> Counter[str]:
    """Decide what waits, oldest first; leave the last few and all but some new records to another day.

    Stops at the monotonic time `until`.
    """
    verdicts: Counter[str] = Counter()
    waiting = list_waiting(browser)
    for address in waiting[: max(0, len(waiting) - leave)]:
        if time.monotonic() > until:
            break
        page = browser.get(address)
        is_new_record = _heading(page).startswith("Create ")
        if is_new_record and new_records == 0:
            verdicts["left for later"] += 1
            continue
        new_records -= is_new_record
        verdicts[decide(browser, page)] += 1
    return verdicts


def _heading(page: Page) -> str:
    found = re.search(r"<h1[^>]*>\s*([^<]+)", page.text)
    return found.group(1).strip() if found else ""


def _form(page: Page, verdict: str) -> Form | None:
    return next((form for form in page.forms if f"/{verdict}/" in form.action), None)
