"""Break-glass: what policy blocks is opened by two people for a few minutes, and closed again (PRM-10, RDG-05)."""

from collections.abc import Callable
from typing import Any

from approvals.models import AgentActionRequest
from config.demo.browser import Browser
from config.demo.caller import Caller
from config.demo.manager import approve
from config.demo.office import Office
from config.demo.story import COMPLIANCE, REVOPS, ROUTING, SALES_OPS_TWO, wait_for
from governance.domain.change_status import ChangeStatus
from governance.models import BreakGlass, ChangeProposal

Say = Callable[[str], object]
MINUTES = 10


def break_glass(*, caller: Caller, office: Office, say: Say) -> None:
    """An export is blocked, then opened for a while, approved by a person, and blocked again."""
    before = _export(caller)
    if not _open(office):
        say(f"An export was {before['status']}; break-glass was not opened.")
        return
    asked = _export(caller)
    approve(office.browser_of(REVOPS), f"/review/{asked['id']}/")
    rows = AgentActionRequest.objects.filter(pk=asked["id"])
    wait_for(lambda: not rows.filter(status__in=["pending", "approved", "executing"]).exists(), seconds=15)
    _end(office.browser_of(COMPLIANCE))
    after = _export(caller)
    say(
        f"An export was {before['status']}: blocked. Sales ops broke the glass for {MINUTES} minutes, compliance "
        f"agreed, RevOps approved the one export: {rows.get().status}. Ended early; the next was {after['status']}."
    )


def _export(caller: Caller) -> dict[str, Any]:
    wanted = {"fields": ["firstname", "lastname", "email"], "purpose": "The auditor asked for a list.", "row_limit": 50}
    return caller.propose(action="export", target={"object": "contacts"}, export=wanted)


def _open(office: Office) -> bool:
    """One asks at the page, another countersigns at theirs."""
    browser = office.browser_of(SALES_OPS_TWO)
    page = browser.get("/admin/governance/breakglass/ask/")
    form = page.form_with("minutes")
    agent = next((value for words, value in form.options["agent"].items() if words.startswith(ROUTING)), "")
    browser.submit(
        page,
        form,
        agent=agent,
        connection=next(value for words, value in form.options["connection"].items() if "embedded" in words),
        action="export",
        object_type="exports",
        minutes=str(MINUTES),
        reason="The auditor wants it today.",
    )
    change = (
        ChangeProposal.objects.filter(kind="break_glass", status=ChangeStatus.WAITING).order_by("-created_at").first()
    )
    if change is None:
        return False
    office.browser_of(COMPLIANCE).act(
        f"/admin/governance/changeproposal/{change.pk}/countersign/", "csrfmiddlewaretoken"
    )
    return bool(_rows().exists())


def _end(browser: Browser) -> None:
    for glass in _rows():
        browser.act(f"/admin/governance/breakglass/{glass.pk}/end/", "csrfmiddlewaretoken")


def _rows() -> Any:
    return BreakGlass.objects.filter(agent__name=ROUTING, ended_at__isnull=True)
