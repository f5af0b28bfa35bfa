"""Rollback drills: a write in a sandbox, verified, taken back, verified, on record (RVT-06, SBX-01)."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from approvals.models import AgentActionRequest, RollbackDrill, RollbackSchedule
from approvals.services import rollback_working
from approvals.services.rollback_drills import (
    RollbackDrillError,
    schedule_rollback_drills,
    start_rollback_drill,
    start_scheduled,
)
from approvals.services.rollback_working import work_on_rollback_drills
from approvals.services.sweep import run_due
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from crm_connectors.models import CrmRecord
from governance.models import Agent, Connection, ControlEvidence
from governance.selectors.access import NotAllowedError
from governance.selectors.promotion import list_unproven
from tests.builders.api import make_site
from tests.builders.approvals import make_approver, vote
from tests.builders.bulk_reverts import edit
from tests.builders.governance import make_person, make_switch, make_user

pytestmark = pytest.mark.django_db


def who(site):
    return {"person_id": site.world.approver.pk, "user_id": site.world.approver_user.pk, "now": get_now()}


def begin(site):
    return start_rollback_drill(agent_id=site.world.agent.pk, **who(site))


def work(turns=6):
    for _ in range(turns):
        work_on_rollback_drills()
        run_due(worker="test")


def values(site):
    return CrmRecord.objects.get(number=int(site.company), crm_object__name="companies").values


def test_a_drill_writes_verifies_takes_back_verifies_and_is_proof():
    site = make_site()
    before = values(site)
    assert list_unproven(site.world.workspace.pk, (site.world.agent.name,)) == (site.world.agent.name,)

    begin(site)
    work()

    drill = RollbackDrill.objects.get()
    assert (drill.state, drill.code) == ("passed", "")
    assert (drill.request.status, drill.revert.status, drill.revert.reverses_id) == (
        "reverted",
        "executed",
        drill.request_id,
    )
    assert (drill.request.actor_type, drill.revert.person_id) == ("agent", site.world.approver.pk)
    assert values(site) == before
    proof = ControlEvidence.objects.get()  # the one that the promotion asks for, and none that nobody reads
    assert (proof.agent_id, proof.kind, proof.subject) == (site.world.agent.pk, "sandbox_revert", str(drill.revert_id))
    assert list_unproven(site.world.workspace.pk, (site.world.agent.name,)) == ()
    events = LedgerEvent.objects.filter(subject_id=str(drill.pk)).order_by("id").values_list("type", flat=True)
    assert list(events) == ["rollback_drill.started", "rollback_drill.finished"]
    drill.credential.refresh_from_db()
    assert drill.credential.revoked_at is not None, "its credential ends with it"


def test_it_never_writes_where_there_is_no_sandbox():
    """SBX-01: on sandbox records alone."""
    site = make_site()
    Connection.objects.update(environment="production")
    begin(site)
    work()

    drill = RollbackDrill.objects.get()
    assert (drill.state, drill.code) == ("failed", "nothing_to_write")
    assert AgentActionRequest.objects.count() == 0


def test_a_value_that_somebody_writes_in_between_fails_the_drill_and_stays():
    """Invariant 10 holds for drills too."""
    site = make_site()
    begin(site)
    work_on_rollback_drills()
    run_due(worker="test")
    (field,) = RollbackDrill.objects.get().body["changes"]
    other = {"numberofemployees": 999, "industry": "Retail"}.get(field, "Somebody's own")
    edit(site, RollbackDrill.objects.get().body["target"]["id"], **{field: other})
    work()

    drill = RollbackDrill.objects.get()
    assert drill.state == "failed"
    assert values(site)[field] == other
    assert not ControlEvidence.objects.exists()


def test_a_stop_holds_it_and_it_goes_on_when_that_is_lifted():
    site = make_site()
    begin(site)
    work_on_rollback_drills()
    switch = make_switch(site.world.workspace, "all")
    work(turns=2)
    assert RollbackDrill.objects.get().state == "writing"
    switch.delete()
    AgentActionRequest.objects.update(not_before=None)
    work()
    assert RollbackDrill.objects.get().state == "passed"


@pytest.mark.parametrize("name", ["submit_request", "revert_request", "_move", "issue_drill_credential"])
def test_a_worker_that_dies_in_any_step_leaves_one_write_and_one_revert(name, monkeypatch):
    """Invariant 9."""
    site = make_site()
    begin(site)
    real = getattr(rollback_working, name)
    calls = []

    def dying(*args, **kwargs):
        result = real(*args, **kwargs)
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("the worker died here")
        return result

    monkeypatch.setattr(rollback_working, name, dying)
    work(turns=8)

    assert RollbackDrill.objects.get().state == "passed"
    assert AgentActionRequest.objects.filter(reverses__isnull=True).count() == 1
    assert AgentActionRequest.objects.filter(reverses__isnull=False).count() == 1


def test_one_drill_of_an_agent_at_a_time_and_of_active_ones_alone():
    site = make_site()
    begin(site)
    with pytest.raises(RollbackDrillError):
        begin(site)
    RollbackDrill.objects.all().delete()
    Agent.objects.update(lifecycle="quarantined")
    with pytest.raises(RollbackDrillError):
        begin(site)


def test_beginning_and_scheduling_take_the_right_and_ones_own_login():
    site = make_site()
    stranger = make_person("Sten Stranger")
    theirs = {"person_id": stranger.pk, "user_id": make_user(stranger).pk, "now": get_now()}
    with pytest.raises(NotAllowedError):
        start_rollback_drill(agent_id=site.world.agent.pk, **theirs)
    with pytest.raises(NotAllowedError):
        schedule_rollback_drills(workspace_id=site.world.workspace.pk, every_days=7, **theirs)
    with pytest.raises(RollbackDrillError):
        start_rollback_drill(agent_id=site.world.agent.pk, **{**who(site), "person_id": stranger.pk})
    with pytest.raises(RollbackDrillError):
        schedule_rollback_drills(workspace_id=site.world.workspace.pk, every_days=91, **who(site))


def test_whoever_may_revert_no_longer_takes_no_drill_back():
    """The right is asked for again when it matters."""
    site = make_site()
    person, user = make_approver(site, "Bo Brief")
    start_rollback_drill(agent_id=site.world.agent.pk, person_id=person.pk, user_id=user.pk, now=get_now())
    work_on_rollback_drills()
    run_due(worker="test")
    user.is_active = False
    user.save()
    work()
    drill = RollbackDrill.objects.get()
    assert (drill.state, drill.code) == ("failed", "revert_not_allowed")


def test_what_is_scheduled_begins_once_a_period_for_every_agent():
    site = make_site()
    schedule_rollback_drills(workspace_id=site.world.workspace.pk, every_days=7, **who(site))
    now = get_now()
    assert (start_scheduled(now=now), start_scheduled(now=now)) == (1, 0)
    work()
    assert RollbackDrill.objects.get().state == "passed"
    assert start_scheduled(now=now + timedelta(days=6)) == 0
    assert start_scheduled(now=now + timedelta(days=7, minutes=1)) == 1
    schedule_rollback_drills(workspace_id=site.world.workspace.pk, every_days=0, **who(site))
    assert not RollbackSchedule.objects.exists()


def test_the_command_says_what_passed():
    site = make_site()
    out = StringIO()
    call_command("rollback_drill", site.world.approver_user.username, workspace=site.world.workspace.slug, stdout=out)
    assert out.getvalue().split() == ["passed", site.world.agent.name]
    with pytest.raises(CommandError):
        call_command("rollback_drill", "nobody", workspace=site.world.workspace.slug)
    Connection.objects.update(environment="production")
    with pytest.raises(SystemExit):
        call_command("rollback_drill", site.world.approver_user.username, workspace=site.world.workspace.slug)


def test_what_needs_an_approval_waits_for_it():
    site = make_site()
    Agent.objects.update(autonomy_level="with_approval")
    begin(site)
    work(turns=2)
    drill = RollbackDrill.objects.get()
    assert (drill.state, drill.request.status) == ("writing", "pending")
    vote(site, AgentActionRequest.objects.select_related("workspace").get(pk=drill.request_id))
    work()
    assert RollbackDrill.objects.get().state == "passed"
