"""From the sandbox to production: two people, golden cases, a backtest that nobody touched, a proven rollback."""

import msgspec
import pytest

from approvals.services.backtest import run_backtest
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import (
    ChangeProposal,
    Connection,
    GoldenCase,
    Grant,
    PolicyBacktest,
    PolicyRelease,
    PolicyVersion,
)
from governance.selectors.access import NotAllowedError
from governance.selectors.policy import get_policy_index
from governance.selectors.promotion import get_readiness
from governance.services.backtests import start_backtest
from governance.services.change_errors import SamePersonError
from governance.services.change_kind import ChangeRefusedError
from governance.services.change_proposals import countersign_change, propose_change
from governance.services.changes.policy_promote import describe, make_payload
from governance.services.evidence import SANDBOX_REVERT, Evidence, record_all_evidence
from tests.builders.console import make_login
from tests.builders.governance import make_world, publish
from tests.builders.policy import make_agent, make_facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    found = make_world()
    publish(found)
    return found


@pytest.fixture
def rosa(world):
    return make_login(world.workspace, "publish_policy", "countersign_changes", name="Rosa Proposes")


@pytest.fixture
def carl(world):
    return make_login(world.workspace, "countersign_changes", name="Carl Countersigns")


def newest(world):
    return PolicyVersion.objects.filter(workspace=world.workspace).latest("number")


def backtest(world, version=None):
    start_backtest(
        workspace_id=world.workspace.pk,
        person_id=world.owner.pk,
        days=7,
        now=get_now(),
        version_id=(version or newest(world)).pk,
    )
    while run_backtest(seconds=5):
        pass
    return PolicyBacktest.objects.latest("created_at")


def propose(world, user, payload=None):
    readiness = get_readiness(newest(world), now=get_now())
    return propose_change(
        workspace_id=world.workspace.pk,
        kind="policy.promote",
        payload=payload or make_payload(readiness),
        subject="Bring version 1 to production",
        reason="it proved itself",
        person_id=user.person_id,
        user_id=user.pk,
        now=get_now(),
    )


def countersign(proposal, user):
    return countersign_change(proposal_id=proposal, person_id=user.person_id, user_id=user.pk, now=get_now())


def open_production(world, *fields):
    """The agent is granted writes at a production connection, whose only field is registered there."""
    connection = Connection.objects.create(
        workspace=world.workspace, name="live", kind="embedded", environment="production"
    )
    from tests.builders.governance import make_owned_field

    for name in fields:
        make_owned_field(connection, name, object_type="companies")
    Grant.objects.create(
        agent=world.agent,
        connection=connection,
        object_type="companies",
        action="update",
        write_fields=list(fields),
    )
    publish(world)


def prove(world):
    place = world.workspace
    record_all_evidence([Evidence(place.pk, place.slug, world.agent.pk, SANDBOX_REVERT, "drill-1", {})], now=get_now())


def test_two_people_bring_a_version_to_production(world, rosa, carl):
    """SBX-03."""
    backtest(world)
    proposal = propose(world, rosa)
    assert get_policy_index(world.workspace.pk, "production") is None
    assert countersign(proposal, carl)
    release = PolicyRelease.objects.get(environment="production")
    assert (release.released_by_id, release.countersigned_by_id) == (rosa.person_id, carl.person_id)
    assert get_policy_index(world.workspace.pk, "production").version == newest(world).digest
    assert LedgerEvent.objects.filter(type="policy.promoted").count() == 1


def test_nobody_countersigns_their_own_promotion(world, rosa):
    backtest(world)
    proposal = propose(world, rosa)
    with pytest.raises(SamePersonError):
        countersign(proposal, rosa)
    assert not PolicyRelease.objects.filter(environment="production").exists()


def test_it_takes_the_right_to_publish_to_propose_and_the_right_to_countersign(world, rosa, carl):
    backtest(world)
    with pytest.raises(NotAllowedError):
        propose(world, carl)
    proposal = propose(world, rosa)
    stray = make_login(world.workspace, "publish_policy", name="Paul Publisher")
    with pytest.raises(NotAllowedError):
        countersign(proposal, stray)


def test_without_a_backtest_nothing_is_proposed(world, rosa):
    """POL-06."""
    with pytest.raises(ChangeRefusedError, match="no backtest"):
        propose(world, rosa)


def test_a_backtest_of_another_document_does_not_count(world, rosa):
    backtest(world)
    open_production(world, "industry")
    prove(world)
    with pytest.raises(ChangeRefusedError, match="no backtest"):
        propose(world, rosa)


def test_a_backtest_whose_numbers_were_touched_is_refused(world, rosa, carl):
    row = backtest(world)
    proposal = propose(world, rosa)
    row.result["denied"] = 0
    row.result["automatic"] = -5
    row.save()
    with pytest.raises(ChangeRefusedError, match="run it again"):
        countersign(proposal, carl)
    assert ChangeProposal.objects.get().status == "waiting"


def test_a_golden_case_that_fails_by_now_keeps_it_from_production(world, rosa, carl):
    """POL-05."""
    backtest(world)
    proposal = propose(world, rosa)
    facts = msgspec.to_builtins(make_facts(agent=make_agent(lifecycle="quarantined")))
    GoldenCase.objects.create(workspace=world.workspace, name="Trust it", facts=facts, expected_outcome="allow")
    with pytest.raises(ChangeRefusedError, match="Trust it"):
        countersign(proposal, carl)


def test_new_writes_need_a_rollback_proven_in_the_sandbox(world, rosa):
    """SBX-01."""
    open_production(world, "industry")
    backtest(world)
    with pytest.raises(ChangeRefusedError, match=r"agent\.enrichment would write"):
        propose(world, rosa)
    prove(world)
    assert propose(world, rosa)


def test_what_changed_in_production_meanwhile_voids_the_proposal(world, rosa, carl):
    backtest(world)
    first = propose(world, rosa)
    payload = ChangeProposal.objects.get(pk=first).payload
    countersign(first, carl)
    with pytest.raises(ChangeRefusedError, match="production runs on this already"):
        propose(world, rosa, payload=payload)


def test_a_payload_that_says_something_else_is_refused(world, rosa):
    backtest(world)
    payload = make_payload(get_readiness(newest(world), now=get_now()))
    with pytest.raises(ChangeRefusedError, match="propose it again"):
        propose(world, rosa, payload={**payload, "changes": []})


def test_the_second_person_reads_changes_golden_cases_backtest_and_digest(world, rosa):
    backtest(world)
    proposal = propose(world, rosa)
    lines = " ".join(describe(ChangeProposal.objects.get(pk=proposal).payload))
    assert "Version 1 comes into force in production" in lines
    assert newest(world).digest in lines
    assert "Backtest over 7 days" in lines
    assert "`" not in lines
