"""Who holds what, and who is shut out: an access review, an agent in quarantine (IDN-06, IDN-08)."""

from collections.abc import Callable
from datetime import timedelta

from approvals.models import AccessReview
from audit.selectors.clock import get_now
from config.demo.browser import Browser
from config.demo.caller import Caller
from config.demo.governing import connect
from config.demo.office import Office
from config.demo.scene import Scene
from config.demo.story import HYGIENE, MANAGER, REVOPS
from governance.models import Agent

Say = Callable[[str], object]
_CONFIRMED = 2


def review_access(*, compliance: Browser, say: Say) -> None:
    """Compliance takes down who holds what, confirms a few rights and withdraws a delegation."""
    due = (get_now() + timedelta(days=14)).date()
    compliance.act("/access-reviews/", "due_date", title=f"Review of {due:%B %Y}", due_date=due.isoformat())
    review = AccessReview.objects.order_by("-started_at").first()
    if review is None:
        say("No access review was started.")
        return
    address = f"/access-reviews/{review.pk}/"
    withdrawn = _decide(compliance, f"{address}?kind=delegation&state=open", "withdraw", 1)
    confirmed = _decide(compliance, f"{address}?kind=grant&state=open", "confirm", _CONFIRMED)
    say(
        f"Compliance began an access review of {review.rows.count()} rights: {confirmed} confirmed so far, "
        f"{withdrawn} withdrawn, a rep's delegation."
    )


def _decide(browser: Browser, address: str, verdict: str, most: int) -> int:
    page = browser.get(address)
    forms = [form for form in page.forms if ("verdict", verdict) in form.buttons][:most]
    return sum(browser.submit(page, form, verdict=verdict).status == 200 for form in forms)


def quarantine(*, url: str, office: Office, scene: Scene, say: Say) -> None:
    """A manager shuts an agent out; it takes RevOps to let it in again."""
    agent = Agent.objects.get(name=HYGIENE)
    step = f"/admin/governance/agent/{agent.pk}/lifecycle/".__add__
    caller = connect(url, HYGIENE, scene=scene)
    deals = caller.search("deals", {}, ["dealname"])
    if not deals:
        return
    office.browser_of(MANAGER).act(step("quarantined/"), "reason", reason="It asks for what is not its own.")
    shut_out = _task(caller, deals[0]["id"])
    office.browser_of(REVOPS).act(step("active/"), "reason", reason="Its prompt is mended.")
    say(f"The manager put {HYGIENE} into quarantine (its next request: {shut_out}); RevOps let it in again.")


def _task(caller: Caller, deal: str) -> str:
    target = {"object": "deals", "id": deal}
    return str(caller.propose(action="create_task", target=target, task={"subject": "Ask for a date"})["status"])
