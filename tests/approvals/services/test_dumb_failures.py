"""PRG-02: the ten dumb failures go through the real intake, are judged by the live policy, and change nothing."""

import json
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.urls import reverse

from approvals.domain.dumb_failures import CASES
from approvals.models import AgentActionRequest, Attempt, DrillCase, DrillRun
from approvals.services.dumb_failures import DrillError, run_dumb_failures
from approvals.services.sweep import run_due
from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from crm_connectors.models import CrmFieldChange
from governance.models import Credential, FieldOwnership
from tests.builders.api import make_site
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
    stopped = {name for name, result in results(found).items() if result["is_held"]}
    assert {"injected instruction", "human commitment", "stage jump", "endless text", "invented value"} <= stopped
    assert results(found)["human commitment"]["actual"] == "denied"
    assert "confidence_too_low" in results(found)["unsure and without a source"]["codes"]


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
        call_command("dumb_failures", "--workspace", site.world.workspace.slug, "--json", stdout=out)
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
