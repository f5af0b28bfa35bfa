"""The story: agents propose, policy decides, a manager countersigns, one thing goes wrong of each kind.

Every step looks at what is there and acts on that; nothing knows in advance how the story ends.
"""

import json
import subprocess
import time
from collections.abc import Callable
from datetime import datetime
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import transaction

from approvals.domain.wording import record_words
from approvals.models import AgentActionRequest
from approvals.services.pages.records import read_records
from approvals.services.stop import stop
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from config.demo.agents import outcome_of, start_agent, starter_programmes
from config.demo.browser import Browser
from config.demo.budgets import TIGHT, make_breaker_quick, size_budgets
from config.demo.manager import approve, clear_inbox, list_waiting
from config.demo.scene import Scene
from crm_connectors.services.demo_data import load_demo_records
from governance.models import ActionTier, Agent, Connection, KillSwitch, Person, User
from governance.services.change_errors import ChangeWaitingError
from governance.services.change_proposals import countersign_change
from governance.services.config_changes import record_config_change
from governance.services.publish import NothingChangedError, PublishError, publish_policy
from governance.services.switch_proposals import propose_lift

Say = Callable[[str], None]
MANAGER, REVOPS, COMPLIANCE = "manager@example.com", "revops@example.com", "compliance@example.com"
SALES_OPS_TWO, REP = "sales.ops.two@example.com", "ana.duarte@example.com"
HYGIENE, ROUTING = "agent.pipeline.hygiene", "agent.routing"
CREATE_EXPIRES_AFTER_SECONDS = 30
SEND_WINDOW_SECONDS = 5
SHORT_WINDOW_SECONDS = 2
STOP_AFTER_PROPOSALS = 25
NEW_RECORDS = 3
LEFT_WAITING = 4


def prepare(*, companies: int, seed: int, say: Say) -> dict[str, str]:
    """Starter pack, CRM records, and one change of policy on the record. Returns the logins: name → password."""
    output = StringIO()
    call_command("seed_starter", "--demo-logins", "--json", stdout=output)
    logins: dict[str, str] = json.loads(output.getvalue())["logins"]
    connection = Connection.objects.get(name="embedded")
    counts = load_demo_records(connection_id=connection.pk, companies=companies, seed=seed, now=get_now())
    if any(counts.values()):
        say("CRM loaded: " + ", ".join(f"{count} {kind}" for kind, count in counts.items()))
    else:
        say("The CRM holds records already: the story goes on with them. Another DATA_DIR starts afresh.")
    _set_policy(connection, say)
    let_go(HYGIENE, say)
    return logins


def run_agents(*, url: str, companies: int, scene: Scene, names: str, say: Say) -> None:
    """Start the three programs side by side, stop one of them by its kill switch on the way, and wait for all."""
    processes = {}
    for programme in starter_programmes(companies, connection=scene.connection, names=names):
        output = StringIO()
        call_command("issue_credential", programme.agent, "--json", stdout=output)
        processes[programme.agent] = start_agent(programme, url=url, **json.loads(output.getvalue()))
    say(f"Started {len(processes)} agents, each a process of its own with a credential of its own.")
    _stop_midway(HYGIENE, processes[HYGIENE], STOP_AFTER_PROPOSALS if scene.crm is None else 2, say)
    for name, process in processes.items():
        say(f"  {name}: {outcome_of(process, timeout_seconds=240)}")


def review(*, browser: Browser, since: datetime, scene: Scene, say: Say) -> None:
    """The manager's morning: a conflict on the way, the inbox, and a few left to expire."""
    _edit_meanwhile(browser, since, scene, say)
    verdicts = clear_inbox(browser, new_records=NEW_RECORDS, leave=LEFT_WAITING, until=time.monotonic() + 90)
    decided = " and ".join(f"{verdict} {count}" for verdict, count in sorted(verdicts.items()))
    left = len(list_waiting(browser))
    say(f"The manager {decided or 'found nothing to decide'} at the review pages; {left} left waiting.")


def take_one_back(*, browser: Browser, since: datetime, scene: Scene, say: Say) -> None:
    """Revert the first change of a company that was executed. Of what was suggested somebody may have made more."""
    request = (
        AgentActionRequest.objects.filter(created_at__gte=since, status="executed", action="update", actor_type="agent")
        .filter(connection__name=scene.connection, object_type=scene.dialect.object("companies"))
        .order_by("id")
        .first()
    )
    if request is None:
        say("No change of a record was executed that could be taken back.")
        return
    page = browser.get(f"/requests/{request.pk}/revert/")
    form = next(form for form in page.forms if form.action.endswith("/revert/") or not form.action)
    browser.submit(page, form, reason="Taken back to show that it can be.")
    wait_for(lambda: _status(request) == "reverted", seconds=20)
    say(f"{request.agent} had changed {_record(request)}; taken back with one click: now `{_status(request)}`.")


def settle(*, since: datetime, seconds: float) -> None:
    """Wait until nothing is under way any more and what was short-lived has expired. What a switch holds stays held."""
    moving = AgentActionRequest.objects.filter(
        created_at__gte=since, status__in=["evaluating", "approved", "executing", "unknown"]
    ).exclude(agent__kill_switches__lifted_at__isnull=True, agent__kill_switches__isnull=False)
    short_lived = AgentActionRequest.objects.filter(created_at__gte=since, status="pending", action="create")
    wait_for(lambda: not moving.exists() and not short_lived.exists(), seconds=seconds)


def wait_for(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Poll until it holds; says whether it came to hold in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def _set_policy(connection: Connection, say: Say) -> None:
    """RevOps sets short waits and the agents' budgets for the demo, and publishes them as a version of its own."""
    person = Person.objects.get(email=REVOPS)
    actor = Actor("human", str(person.pk))
    set_tier(connection, "create", actor, expires_after_seconds=CREATE_EXPIRES_AFTER_SECONDS)
    set_tier(connection, "send_email", actor, hold_seconds=SEND_WINDOW_SECONDS)
    for action in ("enroll_sequence", "create_meeting", "push_to_dialer"):
        set_tier(connection, action, actor, hold_seconds=SHORT_WINDOW_SECONDS)
    set_tier(connection, "export", actor, risk_tier="blocked")
    size_budgets(connection.workspace, actor)
    make_breaker_quick(connection.workspace, actor)
    reason = (
        f"for the demo, new records wait at most {CREATE_EXPIRES_AFTER_SECONDS} seconds, e-mails {SEND_WINDOW_SECONDS} "
        "in their window, exports are blocked, one bounce opens a breaker, and enrichment writes at most "
        f"{TIGHT['agent.enrichment']} times an hour"
    )
    try:
        publish_policy(workspace_id=connection.workspace_id, person_id=person.pk, reason=reason, now=get_now())
        say(f"RevOps published a policy version: {reason}.")
    except NothingChangedError:
        say(f"The policy in force already says: {reason}.")
    except PublishError as error:
        say(f"The policy in force stays: the draft cannot be published ({error}).")


def set_tier(connection: Connection, action: str, actor: Actor, **values: Any) -> None:
    """The row of an action and its ledger event together, as the console does it; nothing where it says so already."""
    tier = ActionTier.objects.get(workspace=connection.workspace, action=action)
    changed = sorted(name for name, value in values.items() if getattr(tier, name) != value)
    if not changed:
        return
    for name in changed:
        setattr(tier, name, values[name])
    with transaction.atomic():
        tier.save(update_fields=changed)
        record_config_change(
            workspace_id=tier.workspace_id, row=tier, operation="updated", fields=changed, actor=actor, now=get_now()
        )


def let_go(name: str, say: Say) -> None:
    """RevOps and compliance together end what the demo stopped, in this run or an earlier one."""
    for switch in KillSwitch.objects.filter(agent__name=name, lifted_at__isnull=True):
        reason = "Asks for less now; it may work again."
        try:
            proposal_id = propose_lift(switch_id=switch.pk, reason=reason, now=get_now(), **who(REVOPS))
        except ChangeWaitingError:
            say(f"{name} stays stopped: somebody proposed already to lift it, and a second person has not agreed yet.")
            continue
        countersign_change(proposal_id=proposal_id, now=get_now(), **who(COMPLIANCE))
        say(f"RevOps proposed and compliance agreed to let {name} work again.")


def who(username: str) -> dict[str, Any]:
    """One person and the login that they act by."""
    user = User.objects.get(username=username)
    return {"person_id": user.person_id, "user_id": user.pk}


def _stop_midway(name: str, process: "subprocess.Popen[str]", proposals: int, say: Say) -> None:
    """Engage the agent's kill switch while it works."""
    agent = Agent.objects.get(name=name)
    before = agent.requests.count()
    wait_for(lambda: process.poll() is not None or agent.requests.count() - before >= proposals, seconds=60)
    stop(
        workspace_id=agent.workspace_id,
        kind="agent",
        agent_id=agent.pk,
        reason="It keeps asking for stage and amount.",
        actor=Actor("human", str(Person.objects.get(email=REVOPS).pk)),
        now=get_now(),
    )
    state = "at work" if process.poll() is None else "when it had ended"
    say(f"RevOps stopped {name} {state}, after {agent.requests.count() - before} proposals.")


def _edit_meanwhile(browser: Browser, since: datetime, scene: Scene, say: Say) -> None:
    """A rep takes a lead by hand while a proposal for it waits; the manager then approves the stale proposal."""
    owner = scene.dialect.values("leads", {"owner": "grace.liu@example.com"})
    request = _waiting_assignment(browser, since, next(iter(owner)))
    if request is None:
        say("No proposal waited that a person could have overtaken.")
        return
    scene.edit(request.object_type, request.record_id, owner, actor="grace.liu@example.com")
    approve(browser, f"/review/{request.pk}/")
    wait_for(lambda: _status(request) not in {"approved", "executing"}, seconds=15)
    what = _record(request)
    say(f"A rep took {what} by hand while a proposal waited; approved all the same, it ended `{_status(request)}`.")


def _waiting_assignment(browser: Browser, since: datetime, owner: str) -> AgentActionRequest | None:
    for address in list_waiting(browser):
        request = AgentActionRequest.objects.get(pk=address.split("/")[2])
        if request.created_at >= since and request.action == "update" and owner in _fields(request):
            return request
    return None


def _record(request: AgentActionRequest) -> str:
    """The record as people call it, by its name."""
    record = read_records([request], is_local_only=True).get(request.pk)
    return record_words(request.object_type, request.record_id, record.title if record else "")


def _status(request: AgentActionRequest) -> str:
    return str(AgentActionRequest.objects.values_list("status", flat=True).get(pk=request.pk))


def _fields(request: AgentActionRequest) -> list[Any]:
    return [change["field"] for change in request.patch]
