"""The first chapter: agents begin with a person's yes for every record, and rise by what is shown (PRM-08).

One change of each agent is approved, written, and taken back in the sandbox; then RevOps proposes, compliance agrees.
"""

from collections.abc import Callable
from typing import Any

from approvals.models import AgentActionRequest
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from config.demo.browser import Browser
from config.demo.caller import Caller
from config.demo.governing import connect
from config.demo.manager import approve
from config.demo.scene import Scene
from config.demo.story import COMPLIANCE, REVOPS, wait_for, who
from governance.domain.vocabulary import AutonomyLevel
from governance.models import Agent, DncEntry
from governance.services.change_errors import ChangeWaitingError
from governance.services.change_kind import ChangeRefusedError
from governance.services.change_proposals import countersign_change
from governance.services.dnc_entries import NewDncEntry, add_dnc_entry
from governance.services.raise_autonomy import propose_autonomy

Say = Callable[[str], object]
_PROOFS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "agent.enrichment": ("companies", "name", {"description": "A listed company."}),
    "agent.pipeline.hygiene": ("deals", "dealname", {"primary_competitor": "None known"}),
    "agent.routing": ("leads", "lastname", {"lead_status": "OPEN"}),
}
"""One change for each agent to make and have taken back: of which object, the field that names it, and what."""


def raise_agents(*, url: str, browser: Browser, scene: Scene, say: Say) -> None:
    """Let every agent that still needs a yes for each record show that its changes can be taken back, and raise it."""
    rows = Agent.objects.filter(autonomy_level=AutonomyLevel.WITH_APPROVAL, name__in=_PROOFS).order_by("name")
    agents = list(rows)
    if not agents:
        say("The agents work on their own already, as people let them in an earlier run.")
        return
    say(f"{len(agents)} agents begin with a person's yes for every record. RevOps asks for more: {_ask(agents[0])}.")
    _keep_a_list(agents[0])
    proven = [agent for agent in agents if _prove(connect(url, agent.name, scene=scene), agent.name, browser)]
    say(f"The manager approved one change of {len(proven)} of them and took it back; each read back as it was before.")
    raised = [agent.name for agent in proven if _raise(agent, say)]
    names = ", ".join(raised) or "no agent"
    say(f"RevOps proposed and compliance agreed: {names} may write alone, as far as tiers let it.")


def _ask(agent: Agent) -> str:
    """What the system answers before anything was shown."""
    try:
        _propose(agent)
    except ChangeRefusedError as error:
        return f"refused, {error}"
    return "nothing was missing"


def _keep_a_list(agent: Agent) -> None:
    """Compliance begins the do-not-contact list: no agent that may send rises without one."""
    if DncEntry.objects.filter(workspace_id=agent.workspace_id, removed_at__isnull=True).exists():
        return
    person = who(COMPLIANCE)
    add_dnc_entry(
        workspace_id=agent.workspace_id,
        entry=NewDncEntry(kind="email", value="no.thanks@example.org", reason="Asked us by letter.", source="console"),
        actor=Actor("human", str(person["person_id"])),
        user_id=person["user_id"],
        now=get_now(),
    )


def _prove(caller: Caller, name: str, browser: Browser) -> bool:
    """One change, approved, written and taken back; whether it is."""
    object_type, title, changes = _PROOFS[name]
    record = caller.search(object_type, {}, [title])[0]["id"]
    answer = caller.propose(
        action="update", target={"object": object_type, "id": record}, changes=changes, reason_code="demo.proof"
    )
    request = AgentActionRequest.objects.filter(pk=answer["id"])
    approve(browser, f"/review/{answer['id']}/")
    wait_for(lambda: request.filter(status="executed").exists(), seconds=20)
    page = browser.get(f"/requests/{answer['id']}/revert/")
    form = next((form for form in page.forms if form.action.endswith("/revert/") or not form.action), None)
    if form is None:
        return False
    browser.submit(page, form, reason="To show that it can be taken back.")
    return wait_for(lambda: request.filter(status="reverted").exists(), seconds=20)


def _raise(agent: Agent, say: Say) -> bool:
    try:
        countersign_change(proposal_id=_propose(agent), now=get_now(), **who(COMPLIANCE))
    except (ChangeRefusedError, ChangeWaitingError) as error:
        say(f"{agent.name} stays as it is: {error}.")
        return False
    return True


def _propose(agent: Agent) -> Any:
    return propose_autonomy(
        agent_id=agent.pk,
        level=AutonomyLevel.AUTONOMOUS,
        reason="Its changes can be taken back, and it is watched.",
        now=get_now(),
        **who(REVOPS),
    )
