"""Kill switches: in force when engage returns, for good reasons only, lifted by those who may (KIL-01/03)."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.domain.facts import SwitchFacts
from governance.models import Agent, KillSwitch, Workspace
from governance.selectors.access import NotAllowedError
from governance.selectors.switches import get_switch_facts, is_grant_withdrawn
from governance.services.switch_lock import hold_shared
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
def test_lifting_ends_it_and_both_are_recorded() -> None:
    workspace = make_workspace()
    user = make_user(make_person())
    allow(user, workspace, "lift_switches")
    switch = engage(workspace)
    lift_switch(switch_id=switch, reason="it was a drill", actor=ROSA, now=get_now(), user_id=user.pk)
    assert facts(workspace) == SwitchFacts()
    assert types() == ["switch.engaged", "switch.lifted"]
    with pytest.raises(SwitchNotFoundError):
        lift_switch(switch_id=switch, reason="again", actor=ROSA, now=get_now(), user_id=user.pk)
    assert engage(workspace) != switch


@pytest.mark.django_db
def test_who_may_stop_may_not_go_on() -> None:
    workspace = make_workspace()
    user = make_user(make_person())
    allow(user, workspace, "engage_switches")
    switch = engage(workspace, user_id=user.pk)
    for user_id in (user.pk, None, 987_654):
        with pytest.raises(NotAllowedError):
            lift_switch(switch_id=switch, reason="please", actor=ROSA, now=get_now(), user_id=user_id)
    assert facts(workspace).is_all_stopped


@pytest.mark.django_db
def test_the_right_in_one_workspace_is_none_in_another() -> None:
    here, there = make_workspace("here"), make_workspace("there")
    user = make_user(make_person())
    allow(user, here, "engage_switches", "lift_switches")
    with pytest.raises(NotAllowedError):
        engage(there, user_id=user.pk)
    switch = engage(there)
    with pytest.raises(NotAllowedError):
        lift_switch(switch_id=switch, reason="please", actor=ROSA, now=get_now(), user_id=user.pk)


@pytest.mark.django_db
def test_agents_neither_stop_nor_start() -> None:
    workspace = make_workspace()
    switch = engage(workspace)
    agent = Actor("agent", "agent.enrichment")
    with pytest.raises(NotAllowedError):
        engage(workspace, "read_only", actor=agent)
    with pytest.raises(NotAllowedError):
        lift_switch(switch_id=switch, reason="go on", actor=agent, now=get_now())


@pytest.mark.django_db
def test_both_say_why() -> None:
    workspace = make_workspace()
    with pytest.raises(ReasonMissingError):
        engage(workspace, reason="  ")
    switch = engage(workspace)
    with pytest.raises(ReasonMissingError):
        lift_switch(switch_id=switch, reason="", actor=ROSA, now=get_now())


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
    """The event waits in the spool; lifting waits for the ledger."""
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]
    workspace = make_workspace()
    with broken_ledger():
        switch = engage(workspace)
        assert facts(workspace).is_all_stopped
        assert types() == []
    spooled = (tmp_path / "ledger" / "spool.jsonl").read_text()
    assert "switch.engaged" in spooled
    assert str(switch) in spooled


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
    call_command("kill_switch", "lift", str(switch.pk), "--reason", "over")
    call_command("kill_switch", "list")
    assert "nothing is stopped" in capsys.readouterr().out
    for arguments in (
        ("lift", str(stray_id()), "--reason", "x"),
        ("engage", "agent", "--agent", "agent.nobody", "--reason", "x"),
        ("--workspace", "nowhere", "list"),
    ):
        with pytest.raises(CommandError):
            call_command("kill_switch", *arguments)
