"""The starter pack: complete, safe to repeat, and it leaves alone what people edited."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from audit.models import LedgerEvent
from governance.domain.autonomy import missing_controls
from governance.domain.starter.golden import STARTER_GOLDEN
from governance.domain.vocabulary import ReviewState
from governance.models import (
    Agent,
    FieldOwnership,
    GoldenCase,
    Grant,
    PolicyVersion,
    RegisteredField,
    RevenueField,
    User,
    Workspace,
)
from governance.selectors.access import may
from governance.selectors.controls import gather_controls
from governance.selectors.golden import run_golden_cases
from governance.selectors.policy import get_policy_index

pytestmark = pytest.mark.django_db


def seed(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    call_command("seed_starter", "--json", *options)
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_it_loads_a_policy_that_is_in_force(capsys: pytest.CaptureFixture[str]) -> None:
    answer = seed(capsys)
    assert answer["is_published"]
    assert answer["logins"] == {}
    index = get_policy_index(Workspace.objects.get(slug="default").pk, "sandbox")
    assert index is not None
    assert RevenueField.objects.count() == 20
    assert set(Agent.objects.values_list("name", flat=True)) == {
        "agent.enrichment",
        "agent.routing",
        "agent.pipeline.hygiene",
        "agent.drill",
    }


def test_every_field_of_the_embedded_crm_is_reviewed_and_owned(capsys: pytest.CaptureFixture[str]) -> None:
    seed(capsys)
    rows = RegisteredField.objects.all()
    assert rows.count() > 100
    assert not rows.exclude(review_state=ReviewState.REVIEWED).exists()
    assert not rows.filter(ownership__isnull=True).exists()
    assert not FieldOwnership.objects.filter(owner_role="").exists()


def test_each_of_the_revenue_twenty_has_a_field(capsys: pytest.CaptureFixture[str]) -> None:
    seed(capsys)
    assert list(RevenueField.objects.filter(fields__isnull=True)) == []


@pytest.mark.parametrize(
    "name", ["amount", "closedate", "forecast_category", "dealstage", "lifecyclestage", "next_step"]
)
def test_what_people_promise_is_never_written_by_agents(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """PRM-07: agents may read it; no agent that works is granted to write it, and the matrix refuses it anyway."""
    seed(capsys)
    rows = FieldOwnership.objects.filter(field__name=name)
    assert {(row.permission_level, tuple(row.allowed_writers)) for row in rows} == {("read_only", ("human",))}
    assert not any(name in grant.write_fields for grant in Grant.objects.filter(agent__is_drill=False))


def test_a_second_run_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    seed(capsys)
    before = LedgerEvent.objects.count()
    answer = seed(capsys)
    assert not any(answer["added"].values())
    assert not answer["is_published"]
    assert LedgerEvent.objects.count() == before


def test_what_people_edited_stays(capsys: pytest.CaptureFixture[str]) -> None:
    seed(capsys)
    row = FieldOwnership.objects.get(field__name="industry", field__object_type="companies")
    row.permission_level = "approval"
    row.save()
    Grant.objects.filter(action="queue").delete()
    seed(capsys)
    row.refresh_from_db()
    assert row.permission_level == "approval"
    assert not Grant.objects.filter(action="queue").exists()
    assert PolicyVersion.objects.count() == 1


def test_logins_open_only_when_asked_for(capsys: pytest.CaptureFixture[str], client: Client) -> None:
    seed(capsys)
    assert not any(user.has_usable_password() for user in User.objects.all())
    logins = seed(capsys, "--demo-logins")["logins"]
    assert len(logins) == User.objects.count()
    assert len(set(logins.values())) == len(logins)
    form = {"username": "manager@example.com", "password": logins["manager@example.com"]}
    assert client.post("/admin/login/", form).status_code == 302


def test_people_hold_what_their_role_says_and_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    """IDN-07: a refusal for every role that should be refused."""
    seed(capsys)
    workspace = Workspace.objects.get(slug="default").pk
    users = {user.username.split("@")[0]: user for user in User.objects.all()}
    assert may(users["revops"], "publish_policy", workspace)
    assert may(users["manager"], "review_requests", workspace)
    assert not may(users["manager"], "publish_policy", workspace)
    assert not may(users["manager"], "lift_switches", workspace)
    assert may(users["auditor"], "view_ledger", workspace)
    assert not may(users["auditor"], "review_requests", workspace)
    assert not may(users["auditor"], "engage_switches", workspace)
    assert not may(users["ana.duarte"], "view_requests", workspace)
    assert not users["ana.duarte"].is_staff
    assert not any(user.is_superuser for user in users.values())


def test_the_ledger_tells_of_it_without_passwords(capsys: pytest.CaptureFixture[str]) -> None:
    logins = seed(capsys, "--demo-logins")["logins"]
    bodies = b"".join(bytes(body) for body in LedgerEvent.objects.values_list("body", flat=True))
    assert b"policy.published" in bodies
    assert b"schema.synced" in bodies
    assert not any(password.encode() in bodies for password in logins.values())


def test_the_starters_golden_cases_hold_and_are_loaded_once(capsys: pytest.CaptureFixture[str]) -> None:
    """POL-05: a first policy has cases that later ones must keep; what people dropped does not come back."""
    seed(capsys)
    workspace = Workspace.objects.get(slug="default").pk
    index = get_policy_index(workspace, "sandbox")
    assert index is not None
    results = run_golden_cases(workspace_id=workspace, index=index)
    assert len(results) == len(STARTER_GOLDEN)
    assert [result.name for result in results if not result.is_kept] == []
    GoldenCase.objects.filter(name__startswith="Nothing is deleted").delete()
    seed(capsys)
    assert GoldenCase.objects.count() == len(STARTER_GOLDEN) - 1


def test_no_owner_of_an_agent_is_alone_in_a_group_that_answers_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    """PRM-08: somebody other than the owner can decide what the agent asks for."""
    seed(capsys)
    for agent in Agent.objects.all():
        approvers = {item.control: item for item in gather_controls(agent.pk)}["approvers"]
        assert approvers.is_live, approvers.words


def test_agents_begin_at_the_highest_level_whose_controls_are_live(capsys: pytest.CaptureFixture[str]) -> None:
    """PRM-08: nothing was ever taken back in the sandbox of a new installation, so no agent writes records alone."""
    seed(capsys)
    for agent in Agent.objects.all():
        controls = gather_controls(agent.pk)
        assert agent.autonomy_level == "with_approval"
        assert missing_controls("with_approval", controls) == ()
        assert "sandbox_revert" in missing_controls("autonomous", controls)
        assert "breaker" not in missing_controls("autonomous", controls), "watched by the starter's breakers"
    sender = Agent.objects.get(name="agent.routing")
    assert "do_not_contact" in missing_controls("autonomous", gather_controls(sender.pk))
