"""Kill switches: in force when engage returns, for good reasons only, lifted by those who may (KIL-01/03)."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from audit.services.sequence import sequence_pending
from audit.services.spool import import_spool
from audit.services.verify import verify_ledger
from governance.domain.facts import SwitchFacts
from governance.models import Agent, KillSwitch, Person, User, Workspace
from governance.selectors.access import NotAllowedError
from governance.selectors.switches import get_switch_facts, is_grant_withdrawn
from governance.services.change_errors import ChangeWaitingError, SamePersonError
from governance.services.change_kind import ChangeRefusedError
from governance.services.change_proposals import countersign_change
from governance.services.switch_lock import hold_shared
from governance.services.switch_proposals import propose_lift
from governance.services.switches import (
    ReasonMissingError,
    SwitchError,
    SwitchNotFoundError,
    engage_switch,
    lift_switch,
)
from tests.builders.governance import (
    allow,
    make_agent,
    make_connection,
    make_grant,
    make_person,
    make_user,
    make_workspace,
    stray_id,
)

ROSA = Actor("human", "rosa")
EARLIER = datetime(2031, 5, 4, tzinfo=UTC)


def engage(workspace: Workspace, kind: str = "all", *, agent: Agent | None = None, **more: object) -> UUID:
    values: dict[str, object] = {"reason": "looks wrong", "actor": ROSA, "now": get_now(), **more}
    return engage_switch(workspace_id=workspace.pk, kind=kind, agent_id=agent.pk if agent else None, **values)


def facts(workspace: Workspace, agent: Agent | None = None) -> SwitchFacts:
    return get_switch_facts(workspace_id=workspace.pk, agent_id=agent.pk if agent else None)


def types() -> list[str]:
    return list(LedgerEvent.objects.order_by("id").values_list("type", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "member"), [("all", "is_all_stopped"), ("write_back", "is_write_back_off"), ("read_only", "is_read_only")]
)
def test_a_switch_stops_its_workspace_and_no_other(kind: str, member: str) -> None:
    here, there = make_workspace("here"), make_workspace("there")
    engage(here, kind)
    assert getattr(facts(here, make_agent(here)), member)
    assert facts(there) == SwitchFacts()


@pytest.mark.django_db
def test_one_agent_is_stopped_and_the_others_run() -> None:
    workspace = make_workspace()
    stopped, running = make_agent(workspace, name="agent.a"), make_agent(workspace, name="agent.b")
    engage(workspace, "agent", agent=stopped)
    assert facts(workspace, stopped).is_agent_stopped
    assert facts(workspace, running) == SwitchFacts()
    assert facts(workspace) == SwitchFacts()


@pytest.mark.django_db
def test_the_facts_take_one_query() -> None:
    workspace = make_workspace()
    agent = make_agent(workspace)
    engage(workspace)
    engage(workspace, "agent", agent=agent)
    with CaptureQueriesContext(connection) as queries:
        found = facts(workspace, agent)
    assert len(queries) == 1
    assert (found.is_all_stopped, found.is_agent_stopped) == (True, True)


@pytest.mark.django_db
def test_engaging_twice_is_one_switch_and_one_event() -> None:
    workspace = make_workspace()
    assert engage(workspace) == engage(workspace)
    assert types() == ["switch.engaged"]


@pytest.mark.django_db
def test_a_stop_asks_the_database_as_seldom_as_can_be() -> None:
    """KIL-01: busy claims keep it waiting at every turn: lock, look, and one statement for all that is written."""
    workspace = make_workspace()
    with CaptureQueriesContext(connection) as queries:
        engage_switch(
            workspace_id=workspace.pk, kind="all", agent_id=None, reason="looks wrong", actor=ROSA, now=EARLIER
        )
    asked = [query["sql"] for query in queries if "SAVEPOINT" not in str(query["sql"])]
    assert len(asked) == (3 if connection.vendor == "postgresql" else 5), asked


@pytest.mark.django_db
def test_a_stop_has_its_history_and_so_has_its_end() -> None:
    workspace = make_workspace()
    switch = engage(workspace, reason=" looks wrong ")
    lift(switch, *lifters(workspace))
    rows = KillSwitch.objects.get().history.order_by("history_id")
    assert [(row.history_type, row.reason, row.lifted_at is None) for row in rows] == [
        ("+", "looks wrong", True),
        ("~", "looks wrong", False),
    ]


@pytest.mark.django_db
def test_lifting_ends_it_and_both_people_are_recorded() -> None:
    """KIL-03: the row and the ledger name who proposed and who agreed."""
    workspace = make_workspace()
    first, second = lifters(workspace)
    switch = engage(workspace)
    lift(switch, first, second, reason="it was a drill")
    assert facts(workspace) == SwitchFacts()
    assert types() == ["switch.engaged", "switch.lifted"]
    row = KillSwitch.objects.get()
    assert (row.lift_proposed_by, row.lifted_by) == (f"human:{first.pk}", f"human:{second.pk}")
    body = bytes(LedgerEvent.objects.get(type="switch.lifted").body).decode()
    assert f'"countersigned_by":"{second.pk}"' in body
    assert f'"proposed_by":"{first.pk}"' in body
    with pytest.raises(SwitchNotFoundError):
        lift(switch, first, second)
    assert engage(workspace) != switch


@pytest.mark.django_db
def test_one_person_lifts_nothing() -> None:
    """KIL-03: a second account is no second person; neither is somebody without the right, gone, or from elsewhere."""
    workspace = make_workspace()
    first, second = lifters(workspace)
    allow(make_user(first, username="second.account"), workspace, "lift_switches")
    switch = engage(workspace)
    with pytest.raises(SwitchError, match="two different people"):
        lift(switch, first, first)
    stopper, elsewhere = make_person("Otto Oncall"), lifters(make_workspace("there"), "Tea", "Tom")[0]
    allow(make_user(stopper), workspace, "engage_switches")
    for other in (stopper, elsewhere, make_person("Nina Nologin")):
        for pair in ((first, other), (other, first)):
            with pytest.raises(NotAllowedError):
                lift(switch, *pair)
    second.is_active = False
    second.save()
    with pytest.raises(NotAllowedError):
        lift(switch, first, second)
    assert facts(workspace).is_all_stopped


@pytest.mark.django_db
def test_a_lift_is_proposed_and_countersigned() -> None:
    """KIL-03: the console's way. It stays stopped on one word, and goes on with the second."""
    workspace = make_workspace()
    first, second = lifters(workspace)
    switch = engage(workspace)
    proposal = propose_lift(switch_id=switch, reason="mended", now=get_now(), **who(first))
    assert facts(workspace).is_all_stopped
    with pytest.raises(SamePersonError):
        countersign_change(proposal_id=proposal, now=get_now(), **who(first))
    with pytest.raises(ChangeWaitingError):
        propose_lift(switch_id=switch, reason="mended", now=get_now(), **who(second))
    assert countersign_change(proposal_id=proposal, now=get_now(), **who(second))
    assert facts(workspace) == SwitchFacts()
    row = KillSwitch.objects.get()
    assert (row.lift_proposed_by, row.lifted_by, row.lift_reason) == (
        f"human:{first.pk}",
        f"human:{second.pk}",
        "mended",
    )
    with pytest.raises(SwitchNotFoundError):
        propose_lift(switch_id=switch, reason="again", now=get_now(), **who(first))


@pytest.mark.django_db
def test_who_may_only_stop_neither_proposes_nor_agrees() -> None:
    workspace = make_workspace()
    first, _ = lifters(workspace)
    stopper = make_person("Otto Oncall")
    allow(make_user(stopper), workspace, "engage_switches")
    switch = engage(workspace)
    with pytest.raises(NotAllowedError):
        propose_lift(switch_id=switch, reason="please", now=get_now(), **who(stopper))
    proposal = propose_lift(switch_id=switch, reason="mended", now=get_now(), **who(first))
    with pytest.raises(NotAllowedError):
        countersign_change(proposal_id=proposal, now=get_now(), **who(stopper))
    assert facts(workspace).is_all_stopped


@pytest.mark.django_db
def test_an_agreement_about_a_stop_that_has_ended_changes_nothing() -> None:
    """The switch was lifted at the machine meanwhile: the proposal cannot lift the next one."""
    workspace = make_workspace()
    first, second = lifters(workspace)
    switch = engage(workspace)
    proposal = propose_lift(switch_id=switch, reason="mended", now=get_now(), **who(first))
    lift(switch, first, second)
    engage(workspace)
    with pytest.raises(ChangeRefusedError):
        countersign_change(proposal_id=proposal, now=get_now(), **who(second))
    assert facts(workspace).is_all_stopped


@pytest.mark.django_db
def test_the_right_to_stop_in_one_workspace_is_none_in_another() -> None:
    here, there = make_workspace("here"), make_workspace("there")
    user = make_user(make_person())
    allow(user, here, "engage_switches", "lift_switches")
    with pytest.raises(NotAllowedError):
        engage(there, user_id=user.pk)


def lifters(workspace: Workspace, *names: str) -> tuple[Person, Person]:
    """Two people who may lift."""
    first, second = (make_person(name) for name in names or ("Lena Lifts", "Carl Countersigns"))
    for person in (first, second):
        allow(make_user(person), workspace, "lift_switches")
    return first, second


def lift(switch: UUID, first: Person, second: Person, *, reason: str = "over", actor: Actor = ROSA) -> None:
    lift_switch(
        switch_id=switch, reason=reason, proposed_by=first.pk, countersigned_by=second.pk, actor=actor, now=get_now()
    )


def who(person: Person) -> dict[str, Any]:
    return {"person_id": person.pk, "user_id": User.objects.get(person=person).pk}


@pytest.mark.django_db
def test_agents_neither_stop_nor_start() -> None:
    workspace = make_workspace()
    switch = engage(workspace)
    agent = Actor("agent", "agent.enrichment")
    with pytest.raises(NotAllowedError):
        engage(workspace, "read_only", actor=agent)
    with pytest.raises(NotAllowedError):
        lift(switch, *lifters(workspace), actor=agent)


@pytest.mark.django_db
def test_both_say_why() -> None:
    workspace = make_workspace()
    with pytest.raises(ReasonMissingError):
        engage(workspace, reason="  ")
    switch = engage(workspace)
    with pytest.raises(ReasonMissingError):
        lift(switch, *lifters(workspace), reason="")


@pytest.mark.django_db
def test_a_switch_names_an_agent_of_its_workspace_or_none() -> None:
    here, there = make_workspace("here"), make_workspace("there")
    stranger = make_agent(there)
    for kind, agent in (("agent", None), ("all", stranger), ("agent", stranger), ("everything", None)):
        with pytest.raises(SwitchError):
            engage(here, kind, agent=agent)
    assert KillSwitch.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_stop_holds_even_when_the_ledger_cannot_be_written(settings: object, tmp_path: Path) -> None:
    """KIL-01: the event waits in the spool, and is in the ledger once, in its place, when that can be written again."""
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]
    workspace = make_workspace()
    with broken_ledger():
        switch = engage(workspace)
        assert facts(workspace).is_all_stopped
        assert types() == []
    spooled = (tmp_path / "ledger" / "spool.jsonl").read_text()
    assert "switch.engaged" in spooled
    assert str(switch) in spooled
    assert import_spool(now=get_now()) == 1
    assert types() == ["switch.engaged"]
    assert import_spool(now=get_now()) == 0
    sequence_pending(now=get_now())
    assert verify_ledger().is_ok


@pytest.mark.django_db(transaction=True)
def test_lifting_waits_for_the_ledger(settings: object, tmp_path: Path) -> None:
    """KIL-03: no record, no going on."""
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]
    workspace = make_workspace()
    people = lifters(workspace)
    switch = engage(workspace)
    with broken_ledger(), pytest.raises(LedgerUnavailableError):
        lift(switch, *people)
    assert facts(workspace).is_all_stopped


@contextmanager
def broken_ledger() -> Iterator[None]:
    """Inside, nothing can be inserted into the ledger, as on a full disk."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        connection.connection.set_authorizer(refuse_events)
        yield
        connection.close()
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse_events() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'disk full'; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER refuse_events BEFORE INSERT ON audit_ledgerevent "
            "FOR EACH ROW EXECUTE FUNCTION refuse_events()"
        )
        yield
        cursor.execute("DROP TRIGGER refuse_events ON audit_ledgerevent")
        cursor.execute("DROP FUNCTION refuse_events()")


def refuse_events(action: int, table: str | None, *_: object) -> int:
    is_event = action == sqlite3.SQLITE_INSERT and table == "audit_ledgerevent"
    return sqlite3.SQLITE_DENY if is_event else sqlite3.SQLITE_OK


@pytest.mark.django_db
def test_the_lock_refuses_to_be_held_for_nothing() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        in_autocommit(hold_shared)


def in_autocommit(function: object) -> None:
    """Run in a thread of its own, whose connection is in no transaction."""
    caught: list[BaseException] = []

    def run() -> None:
        try:
            function()  # type: ignore[operator]
        except transaction.TransactionManagementError as error:
            caught.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    raise caught[0]


@pytest.mark.django_db(transaction=True)
def test_no_claim_commits_after_the_stop_has_returned() -> None:
    """Claimers look at the switches under the shared lock and claim; none does so once engage has returned."""
    workspace = make_workspace()
    returned, finish = threading.Event(), threading.Event()
    late: list[int] = []
    claimed: list[int] = []
    started = threading.Barrier(5)

    def claim_until_stopped() -> None:
        started.wait()
        while not finish.is_set():
            with transaction.atomic():
                hold_shared()
                if facts(workspace).is_all_stopped:
                    break
                was_returned = returned.is_set()
                Workspace.objects.filter(pk=workspace.pk).update(name="claimed")  # a write, as a claim makes
            claimed.append(1)
            if was_returned:
                late.append(1)
        connection.close()

    threads = [threading.Thread(target=claim_until_stopped) for _ in range(4)]
    for thread in threads:
        thread.start()
    started.wait()
    while not claimed:
        pass
    engage(workspace)
    returned.set()
    for thread in threads:
        thread.join(timeout=30)
    finish.set()
    assert claimed
    assert late == []
    assert not any(thread.is_alive() for thread in threads)


@pytest.mark.django_db
def test_a_withdrawn_grant_bites_at_once() -> None:
    workspace = make_workspace()
    agent, crm = make_agent(workspace), make_connection(workspace)
    grant = make_grant(agent, crm)
    asked = {"agent_id": agent.pk, "connection_id": crm.pk, "object_type": "companies"}
    assert not is_grant_withdrawn(**asked, action="update")
    grant.is_withdrawn = True
    grant.save()
    assert is_grant_withdrawn(**asked, action="update")
    assert is_grant_withdrawn(**asked, action="create")


@pytest.mark.django_db
def test_the_command_engages_lists_and_lifts(capsys: pytest.CaptureFixture[str]) -> None:
    workspace = make_workspace("default")
    agent = make_agent(workspace)
    call_command("kill_switch", "engage", "agent", "--agent", agent.name, "--reason", "drill")
    assert facts(workspace, agent).is_agent_stopped
    call_command("kill_switch", "list")
    assert "agent agent.enrichment since" in capsys.readouterr().out
    switch = KillSwitch.objects.get()
    first, second = lifters(workspace)
    two = ("--first", first.email, "--second", second.email)
    for wrong in (("--first", first.email, "--second", first.email), ("--first", "nobody@x.example", *two[2:])):
        with pytest.raises(CommandError):
            call_command("kill_switch", "lift", str(switch.pk), "--reason", "over", *wrong)
    call_command("kill_switch", "lift", str(switch.pk), "--reason", "over", *two)
    assert '"id":"command_line"' in bytes(LedgerEvent.objects.get(type="switch.lifted").body).decode()
    call_command("kill_switch", "list")
    assert "nothing is stopped" in capsys.readouterr().out
    for arguments in (
        ("lift", str(stray_id()), "--reason", "x", *two),
        ("lift", str(switch.pk), "--reason", "again", *two),
        ("engage", "agent", "--agent", "agent.nobody", "--reason", "x"),
        ("--workspace", "nowhere", "list"),
    ):
        with pytest.raises(CommandError):
            call_command("kill_switch", *arguments)
