"""A standing approval: the manager approves one request, and with it the next ones like it (APR-11)."""

from collections.abc import Callable
from typing import Any

from approvals.models import StandingApproval
from config.demo.browser import Browser
from config.demo.caller import Caller

Say = Callable[[str], object]
_LIKE = 3
_UNSURE = 0.65
"""Below what a change of a record asks for: a person decides, and a standing approval may."""


def approve_beforehand(*, caller: Caller, manager: Browser, say: Say) -> None:
    """The agent is unsure about leads; the manager lets it have its way this time and some more times."""
    leads = [str(row["id"]) for row in caller.search("leads", {"lead_status": "NEW"}, ["lead_status"])[: _LIKE + 1]]
    if len(leads) <= _LIKE:
        say("Too few new leads for a standing approval in this run.")
        return
    answer = _ask(caller, leads[0])
    if answer["status"] == "pending":
        page = manager.get(f"/review/{answer['id']}/")
        form = next((form for form in page.forms if form.fields.get("standing")), None)
        if form is not None:
            manager.submit(page, form, values="same", max_uses=str(_LIKE))
    before = _uses()
    later = [_ask(caller, lead)["status"] for lead in leads[1:]]
    say(
        f"Unsure of a lead, the agent asked: {answer['status']}. The manager approved it and the next {_LIKE} like it: "
        f"{_uses() - before} of {len(later)} went on without her."
    )


def _ask(caller: Caller, lead: str) -> dict[str, Any]:
    return caller.propose(
        action="update",
        target={"object": "leads", "id": lead},
        changes={"lead_status": "OPEN"},
        confidence=_UNSURE,
        reason_code="demo.unsure",
    )


def _uses() -> int:
    return sum(StandingApproval.objects.values_list("uses", flat=True))
