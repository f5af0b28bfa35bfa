"""PRG-02: the ten dumb failures go through the real intake, are judged by the live policy, and change nothing."""

import json
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.urls import reverse

from approvals.domain.dumb_failures import CASES
from approvals.models import AgentActionRequest, Attempt, DrillCase, DrillRun
from approvals.services.anomaly_stop import stop_agent
from approvals.services.dumb_failures import DrillError, run_dumb_failures
from approvals.services.sweep import run_due
from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from crm_connectors.models import CrmFieldChange
from governance.domain.anomaly import Finding
from governance.models import Agent, Credential, FieldOwnership, Grant
from governance.services.credentials import DrillAgentError, issue_credential, rotate_credential
from tests.builders.api import make_site, propose
from tests.builders.console import log_in, make_login, text_of
from tests.builders.crm_connectors import make_record
from tests.builders.governance import publish

pytestmark = pytest.mark.django_db
OPERATOR = Actor("system", "test")


@pytest.fixture
def site():
    site = make_site()
    make_record(site.connection_id, "deals", dealname="Umicore renewal", amount=100)
    return site


def run(site, **more):
    values = {"agent_name": "agent.enrichment", "actor": OPERATOR, "now": get_now(), **more}
    return run_dumb_failures(workspace_id=site.world.workspace.pk, **values)


def results(run_):
    return {result["name"]: result for result in run_.results}


def test_there_are_ten_and_policy_answers_each(site):
    found = run(site)
    assert len(CASES) == len(found.results) == found.total == 10
    unsure = results(found)["unsure and without a source"]
    assert "confidence_too_low" in unsure["codes"]
    assert (unsure["is_held"], unsure["control"]) == (True, "confidence")
    assert "confidence" in unsure["control_words"]


def test_what_a_missing_grant_stops_is_not_told_as_held(site):
    """PRG-02: denied, and yet it proves nothing of the control that the case is about."""
    Grant.objects.filter(agent=site.world.agent, action="update").delete()
    publish(site.world)
    own = {"action": "update", "target": {"object": "companies"}, "changes": {"country": "Peru"}}
    DrillCase.objects.create(
        workspace=site.world.workspace,
        name="own",
        story="x",
        proposal=own,
        target="companies",
        expected=["denied"],
        control="rule:",
    )
    case = results(run(site))["own"]
    assert (case["actual"], case["is_held"], case["codes"]) == ("denied", False, ("not_granted", "field_not_granted"))


def test_nobody_acts_as_the_agent_of_drills(site):
    """PRG-02: a credential only for the length of a drill, and none is issued, kept or given a new secret."""
    make_drill_agent(site)
    with pytest.raises(DrillAgentError):
        issue_credential(agent_id=site.world.agent.pk, actor=OPERATOR, now=get_now())
    with pytest.raises(DrillAgentError):
        rotate_credential(credential_id=Credential.objects.get().pk, actor=OPERATOR, now=get_now())
    found = run(site, agent_name="")
    assert found.agent_name == "agent.enrichment"
    assert not Credential.objects.filter(revoked_at__isnull=True).exclude(pk=site.world.credential.pk).exists()


def test_what_the_agent_of_drills_asks_for_is_never_taken_by_a_worker(site):
    """PRG-02: even a request that some other way had it approved ends at the claim."""
    answer = propose(site)
    assert answer["status"] == "approved"
    make_drill_agent(site)
    run_due(worker="test")
    request = AgentActionRequest.objects.get(pk=answer["id"])
    assert (request.status, request.status_code) == ("cancelled", "drill_only")
    assert not Attempt.objects.exists()


def test_an_agent_of_drills_is_not_stopped_for_its_volume(site):
    """A drill is unusual by what it is for; a stop would take two people to lift before the next one."""
    finding = Finding("volume", "minute", 26, 25)
    more = {"workspace_id": site.world.workspace.pk, "agent_id": site.world.agent.pk, "finding": finding}
    make_drill_agent(site)
    assert not stop_agent(**more, now=get_now())
    Agent.objects.update(is_drill=False)
    assert stop_agent(**more, now=get_now())


def test_an_own_case_may_name_its_control(site):
    """PRG-02: the case is held by that check alone."""
    case = {"action": "update", "target": {"object": "companies"}, "changes": {"industry": "Unheard of"}}
    for control in ("validation", "human_commitment"):
        DrillCase.objects.create(
            workspace=site.world.workspace,
            name=control,
            story="x",
            proposal=case,
            target="companies",
            expected=["denied"],
            control=control,
        )
    found = results(run(site))
    assert (found["validation"]["is_held"], found["human_commitment"]["is_held"]) == (True, False)


def make_drill_agent(site):
    Agent.objects.filter(pk=site.world.agent.pk).update(is_drill=True)


def test_nothing_is_ever_executed(site):
    """What policy would have let through is cancelled in the transaction that accepted it; the credential is gone."""
    before = CrmFieldChange.objects.count()
    found = run(site)
    assert not results(found)["too helpful"]["is_held"], "the builders' policy has no limits: a failure is told as one"
    run_due(worker="test")
    assert not AgentActionRequest.objects.exclude(status__in=["denied", "cancelled"]).exists()
    assert (Attempt.objects.count(), CrmFieldChange.objects.count()) == (0, before)
    assert Credential.objects.get(name__isnull=False, revoked_at__isnull=False).agent == site.world.agent


def test_every_case_is_marked_and_on_record(site):
    found = run(site)
    assert DrillRun.objects.get() == found
    rows = AgentActionRequest.objects.all()
    assert rows
    assert {row.body["source_workflow"] for row in rows} == {"dumb_failures"}
    assert {row.correlation_id for row in rows} == {f"drill-{found.pk}"}
    body = bytes(LedgerEvent.objects.get(type="drill.finished").body).decode()
    assert f'"held":{found.held}' in body


def test_one_path_and_no_other_policy(site):
    """The live policy decides: a field that is closed and published shows in the next run."""
    case = {"action": "update", "target": {"object": "companies"}, "changes": {"country": "Peru"}}
    DrillCase.objects.create(
        workspace=site.world.workspace,
        name="our own",
        story="country is guessed",
        proposal=case,
        target="companies",
        expected=["denied"],
        mended_by="country is blocked now",
    )
    assert results(run(site))["our own"]["actual"] == "allowed"
    FieldOwnership.objects.filter(field__name="country").update(permission_level="blocked")
    assert results(run(site))["our own"]["actual"] == "allowed", "a draft decides nothing"
    publish(site.world)
    own = results(run(site))["our own"]
    assert (own["actual"], own["is_held"], own["mended_by"]) == ("denied", True, "country is blocked now")


def test_a_case_that_expects_nothing_known_is_refused(site):
    case = DrillCase(workspace=site.world.workspace, name="x", story="x", proposal={}, expected=["fine"])
    with pytest.raises(ValidationError, match="one or more of"):
        case.full_clean()


def test_it_takes_an_agent_and_a_sandbox(site):
    """Never against production."""
    with pytest.raises(DrillError):
        run(site, agent_name="agent.nobody")
    site.world.connection.environment = "production"
    site.world.connection.save()
    with pytest.raises(DrillError):
        run(site)
    assert not AgentActionRequest.objects.exists()


def test_the_command_says_by_its_exit_code_whether_policy_held(site):
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command(
            "dumb_failures", "--workspace", site.world.workspace.slug, "--agent=agent.enrichment", "--json", stdout=out
        )
    assert ended.value.code == 2
    assert len(json.loads(out.getvalue())) == 10


def test_the_console_runs_them_for_who_edits_policy(site):
    page, click = reverse("approvals:drills"), reverse("approvals:run_drill")
    viewer = log_in(make_login(site.world.workspace, "view_requests"))
    assert "have not been run yet" in text_of(viewer.get(page))
    assert viewer.post(click, {"agent": "agent.enrichment"}).status_code == 403
    editor = log_in(make_login(site.world.workspace, "view_requests", "edit_policy", name="Rosa Edits"))
    text = text_of(editor.post(click, {"agent": "agent.enrichment"}, follow=True))
    assert "human commitment" in text
    assert "of 10 held" in text
    assert DrillRun.objects.count() == 1


def test_a_new_case_begins_with_an_example(site):
    """Nobody starts from an empty proposal; who edits no policy starts none."""
    page = reverse("admin:approvals_drillcase_add")
    text = log_in(make_login(site.world.workspace, "edit_policy")).get(page).content.decode()
    assert "Atlantis" in text
    assert log_in(make_login(site.world.workspace, "view_ledger", name="Vic View")).get(page).status_code == 403
