"""The last chapter: a draft with golden cases and a backtest, published in the sandbox, promoted by two people."""

from collections.abc import Callable
from uuid import UUID

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from config.demo.browser import Browser
from config.demo.caller import Caller
from config.demo.keeping import try_on_draft
from config.demo.story import COMPLIANCE, REVOPS, set_tier, wait_for, who
from governance.models import Connection, GoldenCase, PolicyBacktest, PolicyVersion
from governance.selectors.promotion import get_readiness
from governance.selectors.releases import get_release
from governance.services.backtests import start_backtest
from governance.services.change_errors import ChangeWaitingError
from governance.services.change_kind import ChangeRefusedError
from governance.services.change_proposals import countersign_change, propose_change
from governance.services.changes.policy_promote import make_payload
from governance.services.publish import NothingChangedError, PublishError, publish_policy

Say = Callable[[str], None]
TASK_CONFIDENCE = 0.8


def release(say: Say) -> None:
    """Draft, backtest, sandbox, production. What is there already from an earlier run is told and left."""
    connection = Connection.objects.select_related("workspace").get(name="embedded")
    person_id = who(REVOPS)["person_id"]
    draft_task_confidence()
    reason = f"tasks take a confidence of {TASK_CONFIDENCE}"
    try_on_draft(say)
    backtest = _backtest(connection, person_id)
    if backtest.state != "done":
        say(f"The backtest of the draft ended as {backtest.state}; nothing was published.")
        return
    told = backtest.result
    say(
        f"RevOps drafted that {reason}. Asked of {told['replayed']} requests of today: {told['denied']} newly denied, "
        f"{told['gated']} newly put to a person, {told['automatic']} newly automatic."
    )
    try:
        publish_policy(workspace_id=connection.workspace_id, person_id=person_id, reason=reason, now=get_now())
    except NothingChangedError:
        say("The sandbox runs on it already.")
    except PublishError as error:
        say(f"It cannot be published: {error}.")
        return
    _promote(connection, reason, say)


def draft_task_confidence() -> None:
    """RevOps edits the row; nothing of it is in force before it is published."""
    connection = Connection.objects.select_related("workspace").get(name="embedded")
    actor = Actor("human", str(who(REVOPS)["person_id"]))
    set_tier(connection, "create_task", actor, min_confidence=TASK_CONFIDENCE)


def go_back(*, revops: Browser, caller: Caller, say: Say) -> None:
    """The version before comes into force again with one click, and the newest one after it."""
    newest, *earlier = PolicyVersion.objects.order_by("-number")[:2]
    if not earlier or not (leads := caller.search("leads", {}, ["country"])):
        return
    ends = []
    for version in (*earlier, newest):
        page = f"/admin/governance/policyversion/{version.pk}/restore/sandbox/"
        revops.act(page, "reason", reason="To show that one can go back.")
        answer = caller.propose(
            action="create_task",
            target={"object": "leads", "id": leads[0]["id"]},
            task={"subject": f"Perhaps call, under version {version.number}"},
            confidence=TASK_CONFIDENCE - 0.1,
        )
        ends.append(f"{answer['status']} under version {version.number}")
    say(f"RevOps went back to the version before and forth again: the same uncertain task was {' and '.join(ends)}.")


def _backtest(connection: Connection, person_id: UUID) -> PolicyBacktest:
    started = start_backtest(workspace_id=connection.workspace_id, person_id=person_id, days=1, now=get_now())
    rows = PolicyBacktest.objects.filter(pk=started)
    wait_for(lambda: not rows.filter(state__in=["waiting", "running"]).exists(), seconds=60)
    return rows.get()


def _promote(connection: Connection, reason: str, say: Say) -> None:
    sandbox = get_release(connection.workspace_id, "sandbox")
    if sandbox is None:
        return
    version = sandbox.version
    cases = GoldenCase.objects.filter(workspace_id=connection.workspace_id).count()
    try:
        proposal_id = propose_change(
            workspace_id=connection.workspace_id,
            kind="policy.promote",
            payload=make_payload(get_readiness(version, now=get_now())),
            subject=f"Bring policy version {version.number} to production",
            reason=reason,
            now=get_now(),
            **who(REVOPS),
        )
        countersign_change(proposal_id=proposal_id, now=get_now(), **who(COMPLIANCE))
    except (ChangeRefusedError, ChangeWaitingError) as error:
        say(f"Version {version.number} does not go to production: {error}.")
        return
    say(
        f"Version {version.number} holds in the sandbox: {cases} golden cases kept. RevOps proposed it for production "
        "with that backtest, compliance countersigned: it is in force there."
    )
