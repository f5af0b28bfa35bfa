"""Intake: one transaction from proposal to decided request (APR-01, APR-02)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.models import AgentActionRequest
from approvals.services import intake
from approvals.services.intake_errors import (
    IdempotencyKeyReusedError,
    PendingLimitError,
    UnknownConnectionError,
    UnknownPropertyError,
)
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import Agent, Grant
from tests.builders.api import Site, make_site
from tests.builders.approvals import NAME_CHANGE, get, make_principal, make_proposed, submit
from tests.builders.governance import make_switch, make_world
from tests.doubles.faulty_connector import Fault, FaultySwitchboard, serve_through

pytestmark = pytest.mark.django_db


def events_of(request_id):
    rows = LedgerEvent.objects.filter(subject_id=str(request_id)).order_by("id")
    return list(rows.values_list("type", flat=True))


def test_an_allowed_proposal_is_approved_at_once_with_its_patch_and_digest():
    submission = submit(make_site())

    request = get(submission.request_id)
    assert (submission.status, submission.decision.outcome) == ("approved", "allow")
    assert request.patch == [{"field": "numberofemployees", "before": 100, "after": 220}]
    assert request.digest == submission.digest
    assert request.expires_at > request.created_at
    assert events_of(request.pk) == ["request.received", "request.decided"]


def test_what_policy_asks_a_person_for_waits():
    submission = submit(make_site(), **NAME_CHANGE)

    assert submission.status == "pending"
    assert submission.decision.requirement.groups == ("revops",)


def test_a_denial_is_a_created_request_with_its_reasons():
    site = make_site()

    submission = submit(site, target={"object": "deals", "id": "1"}, changes={"amount": 5}, expected=None)

    assert (submission.status, submission.status_code) == ("denied", "level_blocked")
    assert "human_commitment" in {check.code for check in submission.decision.reasons}
    assert get(submission.request_id).finished_at is not None
    assert submission.digest


def test_a_value_that_the_field_does_not_take_is_denied_not_refused():
    submission = submit(make_site(), changes={"industry": "Gardening"}, expected=None)

    assert (submission.status, submission.status_code) == ("denied", "validation_failed")


def test_expected_that_does_not_hold_is_a_conflict():
    """EXE-05: what the agent believed is not what the CRM holds."""
    submission = submit(make_site(), expected={"numberofemployees": 7})

    assert (submission.status, submission.status_code) == ("conflict", "stale_expectation")


def test_a_denial_that_no_record_could_lift_never_reads_the_crm(monkeypatch):
    site = make_site()
    board = FaultySwitchboard()
    serve_through(monkeypatch, board.wrap)

    submission = submit(site, target={"object": "deals", "id": "1"}, changes={"amount": 5}, expected=None)

    assert submission.status == "denied"
    assert board.calls == []


def test_the_same_key_and_body_give_the_same_answer():
    site = make_site()

    first, again = submit(site, key="k1"), submit(site, key="k1")

    assert (again.request_id, again.status, again.digest) == (first.request_id, first.status, first.digest)
    assert (first.is_replay, again.is_replay) == (False, True)
    assert again.decision == first.decision
    assert AgentActionRequest.objects.count() == 1
    assert LedgerEvent.objects.filter(type="request.received").count() == 1


@pytest.mark.parametrize(
    "changes", [{"confidence": 0.9100001}, {"intent": "x"}, {"changes": {"numberofemployees": 221}}]
)
def test_the_same_key_with_any_other_body_is_refused(changes):
    site = make_site()
    submit(site, key="k1")

    with pytest.raises(IdempotencyKeyReusedError):
        submit(site, key="k1", **changes)

    assert AgentActionRequest.objects.count() == 1


def test_keys_of_two_agents_are_apart():
    site = make_site()
    other = make_site("globex", agent_name="agent.other")

    assert submit(site, key="k1").request_id != submit(other, key="k1").request_id


def test_an_unknown_connection_is_refused_and_so_is_one_of_another_workspace():
    site = make_site()
    make_site("globex", agent_name="agent.other").world.connection.__class__.objects.filter(
        workspace__slug="globex"
    ).update(name="theirs")

    for name in ("nowhere", "theirs"):
        with pytest.raises(UnknownConnectionError):
            submit(site, connection=name)
    assert AgentActionRequest.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"changes": {"Industry": "Software"}, "expected": None}, "companies.Industry"),
        ({"changes": {"industry": "Software"}, "expected": {"shoe_size": 1}}, "companies.shoe_size"),
        ({"target": {"object": "Companies", "id": "1"}, "expected": None}, "Companies"),
    ],
)
def test_names_that_the_registry_does_not_know_are_refused(changes, named):
    """Exact names only: no alias passes policy by (attack catalogue: payload)."""
    with pytest.raises(UnknownPropertyError) as refusal:
        submit(make_site(), **changes)

    assert named in refusal.value.names
    assert AgentActionRequest.objects.count() == 0


def test_an_agent_cannot_flood_the_people_who_approve(monkeypatch):
    monkeypatch.setattr("approvals.selectors.intake_context.MAX_WAITING_PER_AGENT", 2)
    site = make_site()
    submit(site, **NAME_CHANGE)
    submit(site, **NAME_CHANGE)

    with pytest.raises(PendingLimitError):
        submit(site, **NAME_CHANGE)

    assert AgentActionRequest.objects.count() == 2


@pytest.mark.parametrize("kind", ["all", "agent", "write_back", "read_only"])
def test_a_switch_denies_new_proposals(kind):
    """KIL-01."""
    site = make_site()
    make_switch(site.world.workspace, kind, agent=site.world.agent if kind == "agent" else None)

    assert submit(site).status == "denied"


def test_a_withdrawn_grant_denies_without_publishing():
    site = make_site()
    Grant.objects.filter(agent=site.world.agent).update(is_withdrawn=True)

    assert submit(site).status == "denied"


def test_a_workspace_without_policy_denies_everything():
    submission = submit(Site(make_world(), company="1"))

    assert (submission.status, submission.status_code) == ("denied", "no_policy")


def test_a_crm_that_cannot_be_read_denies(monkeypatch):
    site = make_site()
    board = FaultySwitchboard()
    serve_through(monkeypatch, board.wrap)
    board.plan("read", Fault.TRANSIENT)

    submission = submit(site)

    assert (submission.status, submission.status_code) == ("denied", "check_failed")


@pytest.mark.django_db(transaction=True)
def test_the_hot_path_costs_no_more_statements_than_it_must():
    """Context with its record; BEGIN, request, events, their erasable values, what is taken, COMMIT: on PostgreSQL, all
    that is written is one statement.
    """
    site = make_site()
    submit(site)  # the policy and the agent's version are known from here on

    given = {"principal": make_principal(site.world), "proposal": make_proposed(site), "now": get_now()}

    with CaptureQueriesContext(connection) as captured:
        assert intake.submit_request(idempotency_key="measured", **given).status == "approved"

    most = 2 if connection.vendor == "postgresql" else 7
    assert len(captured) <= most, [query["sql"][:80] for query in captured.captured_queries]


def test_the_version_of_the_agent_is_kept_with_the_request():
    """IDN-03."""
    request = get(submit(make_site()).request_id)

    assert request.agent_version.model == "m-1"
    assert request.credential_id is not None
    assert Agent.objects.get(pk=request.agent_id).versions.count() == 1


def test_intake_names_its_errors_where_doors_look_for_them():
    assert issubclass(intake.UnknownPropertyError, intake.IntakeError)
    assert {intake.PendingLimitError.http_status, intake.RequestInFlightError.http_status} == {429, 409}
