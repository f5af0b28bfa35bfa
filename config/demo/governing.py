"""The second half of the story: what people set, and that it holds. Rules, sends, a list, a stop, a new version.

Agents speak HTTP, the manager uses the review pages; what RevOps and compliance do goes through the services that their
pages call, with their permissions.
"""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any
from uuid import UUID

from django.core.management import call_command

from approvals.models import AgentActionRequest
from approvals.services.dumb_failures import run_dumb_failures
from audit.domain.event import Actor
from audit.domain.identifier import new_id
from audit.selectors.clock import get_now
from config.demo.browser import Browser
from config.demo.caller import Caller
from config.demo.manager import approve
from config.demo.scene import THE_HOUSE, Scene
from config.demo.story import COMPLIANCE, REP, REVOPS, ROUTING, wait_for, who
from governance.models import Agent
from governance.services.change_proposals import countersign_change
from governance.services.delegations import grant_delegation
from governance.services.dnc_entries import DncEntryError, NewDncEntry, add_dnc_entry
from governance.services.switch_proposals import propose_lift
from governance.services.switches import engage_switch

Say = Callable[[str], None]
FOOTER = "\n\nTo opt out, reply with unsubscribe.\nExample Inc., 1 Example Street, Springfield, IL 62701, USA"
_BODY = "You asked us for a word about your plans. When does it suit you?" + FOOTER


def connect(url: str, agent: str = ROUTING, *, scene: Scene = THE_HOUSE) -> Caller:
    """A caller for an agent, with a new credential of its own, at the CRM of the scene."""
    output = StringIO()
    call_command("issue_credential", agent, "--json", stdout=output)
    return Caller(url, **json.loads(output.getvalue()), run=str(new_id()), scene=scene)


def show_rules_and_sends(*, caller: Caller, browser: Browser, say: Say) -> None:
    """A rule that denies, one that asks; then one e-mail kept back in its window and one that leaves."""
    contacts = [row["id"] for row in caller.search("contacts", {"country": "United States"}, ["email", "country"])]
    if len(contacts) < 4:
        say("The CRM holds too few American contacts to write to: no e-mails in this run.")
        return
    refused = caller.send_email(contacts[0], "Your question", "A word about your plans?")
    say(f"A rule refused an e-mail: {reason_of(refused, 'deny')}")
    asked = caller.send_email(contacts[0], "Your question", "We can offer a discount of 15 %." + FOOTER)
    say(f"A rule wants a person to read another: {reason_of(asked, 'require_approval', 'rule:prices')}")
    _refuse_listed(caller, contacts[1], say)
    _send_two(caller, browser, contacts[2:12], say)


def stop_and_lift(*, caller: Caller, say: Say) -> None:
    """RevOps stops all sending at once; it takes compliance too to let it go on."""
    agent = Agent.objects.get(name=ROUTING)
    reason = "A customer complains about an e-mail."
    actor = Actor("human", str(who(REVOPS)["person_id"]))
    switch_id = engage_switch(
        workspace_id=agent.workspace_id, kind="send", agent_id=None, reason=reason, actor=actor, now=get_now()
    )
    contact = caller.search("contacts", {"country": "United States"}, ["email"])[0]["id"]
    answer = caller.send_email(contact, "Your question", _BODY)
    lift = propose_lift(switch_id=switch_id, reason="It was one address.", now=get_now(), **who(REVOPS))
    countersign_change(proposal_id=lift, now=get_now(), **who(COMPLIANCE))
    say(f"RevOps stopped all sending (the next e-mail: {answer['status']}); lifted by two people.")


def delegate(*, caller: Caller, say: Say) -> None:
    """A rep lets the agent put tasks into her list; before that it may not speak for her."""
    member = {"action": "create_task", "target": {"object": "leads", "id": _some_lead(caller)}, "on_behalf_of": REP}
    before = caller.propose(**member, task={"subject": "Call back", "owner": REP})
    if before["status"] != "denied":
        say(f"Ana Duarte's delegation of an earlier run still holds: a task in her name was {before['status']}.")
        return
    connection = caller.scene.get_connection()
    rep = who(REP)
    grant_delegation(
        agent_id=Agent.objects.get(name=ROUTING).pk,
        person_id=rep["person_id"],
        connection_id=connection.pk,
        actions=["create_task"],
        objects=["tasks"],
        reason="It may put tasks into my list.",
        days=30,
        user_id=rep["user_id"],
        now=get_now(),
    )
    after = caller.propose(**member, task={"subject": "Call back today", "owner": REP})
    say(f"In Ana Duarte's name it was {before['status']}; she delegated tasks; the next was {after['status']}.")


def drill(say: Say) -> None:
    """The ten dumb failures, through the real intake."""
    person = who(REVOPS)
    run = run_dumb_failures(
        workspace_id=Agent.objects.get(name=ROUTING).workspace_id,
        actor=Actor("human", str(person["person_id"])),
        user_id=person["user_id"],
        now=get_now(),
    )
    controls = len({result["control"] for result in run.results if result["is_held"]})
    say(
        f"Of {run.total} dumb failures, policy stopped {run.held}, each by the control it is about: {controls} of them."
    )


def _refuse_listed(caller: Caller, contact: str, say: Say) -> None:
    address = str(caller.search("contacts", {"country": "United States"}, ["email"])[1]["values"]["email"])
    entry = NewDncEntry(kind="email", value=address, reason="Asked us by phone not to write.", source="console")
    person = who(COMPLIANCE)
    try:
        add_dnc_entry(
            workspace_id=Agent.objects.get(name=ROUTING).workspace_id,
            entry=entry,
            actor=Actor("human", str(person["person_id"])),
            user_id=person["user_id"],
            now=get_now(),
        )
    except DncEntryError:
        say("The address is on the do-not-contact list already.")
    answer = caller.send_email(contact, "Your question", _BODY)
    say(f"Compliance put one address on the do-not-contact list; the e-mail to it: {reason_of(answer, 'deny')}")


def _send_two(caller: Caller, browser: Browser, contacts: list[str], say: Say) -> None:
    sent = _ask_for_two(caller, contacts)
    if len(sent) < 2:
        say("Everyone in reach was touched lately: the frequency caps let no two e-mails through in this run.")
        return
    for request_id in sent:
        approve(browser, f"/review/{request_id}/")
    wait_for(lambda: _status(sent[0]) == "held", seconds=10)
    page = browser.get(f"/requests/{sent[0]}/")
    form = next((form for form in page.forms if form.action.endswith("/cancel/")), None)
    if form is not None:
        browser.submit(page, form)
    wait_for(lambda: _status(sent[1]) not in {"approved", "held", "executing"}, seconds=30)
    say(
        f"The manager approved two e-mails. One she kept back in its send window: {_status(sent[0])}. "
        f"The other left: {_status(sent[1])}, a file in the maildir."
    )
    _touch_again(caller, sent[1], say)


def _ask_for_two(caller: Caller, contacts: list[str]) -> list[str]:
    """Proposals of two e-mails that wait for a person; whoever was touched in an earlier run is passed over."""
    sent: list[str] = []
    for contact in contacts:
        if len(sent) == 2:
            break
        answer = caller.send_email(contact, "Your question", _BODY)
        if answer["status"] == "pending":
            sent.append(answer["id"])
    return sent


def _touch_again(caller: Caller, request_id: str, say: Say) -> None:
    """Nobody is touched twice: the next e-mail to whom one has just left for."""
    contact = AgentActionRequest.objects.values_list("target_id", flat=True).get(pk=UUID(request_id))
    again = caller.send_email(contact, "Your question, again", _BODY)
    say(f"A second e-mail to the same person: {reason_of(again, 'deny', 'frequency')}")


def _some_lead(caller: Caller) -> str:
    return str(caller.search("leads", {}, ["country"])[0]["id"])


def _status(request_id: str) -> str:
    return str(AgentActionRequest.objects.values_list("status", flat=True).get(pk=UUID(request_id)))


def reason_of(answer: dict[str, Any], outcome: str, check: str = "") -> str:
    """What the deciding check says, in its words."""
    told = [item for item in answer["decision"]["checks"] if item["outcome"] == outcome]
    return str(next((item["message"] for item in told if item["check"].startswith(check)), answer["status"]))
