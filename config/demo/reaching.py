"""What reaches people: a sequence, a meeting, a call, an attachment; then one of them answers (CON-05, LIM-06)."""

import base64
from collections.abc import Callable, Iterator
from typing import Any

from approvals.models import AgentActionRequest
from config.demo.breaking import report
from config.demo.caller import Caller
from config.demo.governing import FOOTER, reason_of
from config.demo.manager import approve
from config.demo.office import Office
from config.demo.story import MANAGER, REVOPS, SALES_OPS_TWO, wait_for
from crm_connectors.models import CrmRecord

Say = Callable[[str], object]
_SEQUENCE = "Welcome"
_STEPS = "0 | Hello | Thank you for your interest.\n3 | Still there? | May we call?"
_OFFER = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def reach_people(*, caller: Caller, office: Office) -> dict[str, str]:
    """Ask and approve; the ids by action. Nobody is reached twice: each goes to somebody not touched lately. What waits
    in a send window goes on while the story does."""
    contacts = iter(row["id"] for row in caller.search("contacts", {"country": "United States"}, ["email"])[12:-1])
    sequence = _write_sequence(office)
    wishes = {
        "enroll_sequence": {"enrolment": {"sequence": sequence}},
        "create_meeting": {"meeting": _meeting()},
        "push_to_dialer": {"entry": {"queue": "inbound", "reason": "Asked on the web form to be called."}},
        "send_email": {"message": _message_with_offer()},
    }
    asked = {action: _ask(caller, contacts, action, members) for action, members in wishes.items()}
    for request_id in filter(None, asked.values()):
        waiting = AgentActionRequest.objects.filter(pk=request_id, status="pending")
        for login in (MANAGER, SALES_OPS_TWO):  # what is new to us may take both groups
            if waiting.exists():
                approve(office.browser_of(login), f"/review/{request_id}/")
    return asked


def tell_reached(*, url: str, caller: Caller, asked: dict[str, str], say: Say) -> None:
    """What became of them, and that one of them answers."""
    rows = AgentActionRequest.objects.filter(pk__in=list(filter(None, asked.values())))
    wait_for(lambda: not rows.filter(status__in=["approved", "held", "executing"]).exists(), seconds=20)
    done = ", ".join(sorted(row.action.replace("_", " ") for row in rows.filter(status="executed"))) or "nothing"
    say(f"RevOps wrote a sequence. Of what the agent asked to reach {len(asked)} people by, carried out: {done}.")
    _answer(url, caller, asked["enroll_sequence"], say)


def _write_sequence(office: Office) -> str:
    """RevOps writes it at its page, unless it is there; its id, which the agent is told."""
    rows = CrmRecord.objects.filter(crm_object__name="sequences", title=_SEQUENCE, archived_at__isnull=True)
    if not rows.exists():
        page = "/admin/crm_connectors/sequence/add/"
        office.browser_of(REVOPS).act(page, "steps", name=_SEQUENCE, status="active", steps=_STEPS)
    return str(rows.values_list("number", flat=True).get())


def _ask(caller: Caller, contacts: Iterator[str], action: str, members: dict[str, Any]) -> str:
    """The first proposal that waits for people; whoever was touched or has no number is passed over."""
    for _, contact in zip(range(8), contacts, strict=False):
        answer = caller.propose(action=action, target={"object": "contacts", "id": contact}, **members)
        if answer["status"] == "pending":
            return str(answer["id"])
    return ""


def _answer(url: str, caller: Caller, request_id: str, say: Say) -> None:
    """The provider reports that the one in the sequence answered: nobody but a person writes to them from now on."""
    request = AgentActionRequest.objects.filter(pk__in=[request_id] if request_id else [], status="executed").first()
    if request is None:
        say("Nobody entered the sequence, so nobody could answer.")
        return
    report(url, request, "reply")
    again = caller.propose(
        action="enroll_sequence",
        target={"object": "contacts", "id": request.target_id},
        enrolment=request.body["enrolment"],
    )
    told = reason_of(again, "deny", "frequency")
    say(f"Whom the sequence wrote to answered; a further step towards them was {again['status']}: {told}")


def _meeting() -> dict[str, str]:
    return {
        "title": "A first look",
        "starts_at": "2031-05-18T09:30:00Z",
        "ends_at": "2031-05-18T10:00:00Z",
        "time_zone": "America/Chicago",
    }


def _message_with_offer() -> dict[str, Any]:
    content = base64.b64encode(_OFFER).decode()
    return {
        "subject": "The leaflet you asked for",
        "body": "Here it is, as you asked." + FOOTER,
        "attachments": [{"name": "leaflet.pdf", "content_type": "application/pdf", "content": content}],
    }
