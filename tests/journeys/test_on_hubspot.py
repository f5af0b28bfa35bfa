"""An agent's change on a HubSpot portal: proposed, approved by a person, executed, taken back (CON-01, RVT-01)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from approvals.models import AgentActionRequest
from approvals.services.decision import decide_request
from approvals.services.reconciliation import reconcile_request
from approvals.services.revert import RevertConflictError, revert_request
from audit.selectors.clock import get_now
from audit.services.sequence import sequence_pending
from audit.services.verify import verify_ledger
from crm_connectors.models import ConnectionEndpoint
from crm_connectors.services import gate
from crm_connectors.services.secrets import ConnectionSecrets
from crm_connectors.simulators.hubspot.access import PRIVATE_TOKEN
from governance.models import Connection
from tests.builders.api import Site
from tests.builders.approvals import execute, get, submit, vote
from tests.builders.governance import make_world, publish
from tests.doubles.hubspot_portal import ServedPortal, serving_portal

pytestmark = pytest.mark.django_db(transaction=True)

NEW_NAME = {"changes": {"name": "Umicore NV"}, "expected": {"name": "Umicore"}}


@pytest.fixture(scope="module")
def served() -> Iterator[ServedPortal]:
    with serving_portal() as served:
        yield served


@pytest.fixture
def site(served: ServedPortal, settings: Any) -> Site:
    """A published world whose connection leads to a portal with one company."""
    served.portal.clear()
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    gate._memories.clear()  # of the rows of the test before
    world = make_world()
    Connection.objects.filter(pk=world.connection.pk).update(kind="hubspot")
    told = {"base_url": served.url, "version": "2026-09", "calls_per_10_seconds": 0}
    ConnectionEndpoint.objects.create(connection=world.connection, settings=told)
    ConnectionSecrets(world.connection.pk).keep("access_token", PRIVATE_TOKEN)
    publish(world)
    return Site(world, served.add(name="Umicore", numberofemployees=100))


def decided(site: Site, **changes: Any) -> AgentActionRequest:
    """Proposed, and decided by a worker: the facts lie in the portal."""
    submission = submit(site, **changes)
    assert submission.status == "evaluating"
    decide_request(request_id=submission.request_id, now=get_now())
    return get(submission.request_id)


def take_back(site: Site, request: AgentActionRequest) -> AgentActionRequest:
    submission = revert_request(
        request_id=request.pk,
        person_id=site.world.approver.pk,
        user_id=site.world.approver_user.pk,
        reason="wrong source",
        now=get_now(),
    )
    return get(submission.request_id)


def name_in(served: ServedPortal, site: Site) -> str:
    return served.portal.records["companies"][site.company].values["name"]


def test_proposed_approved_executed_and_taken_back(served: ServedPortal, site: Site) -> None:
    request = decided(site, **NEW_NAME)
    assert (request.status, request.decision["outcome"]) == ("pending", "require_approval")
    vote(site, request)

    assert execute(request.pk) == "executed"
    assert name_in(served, site) == "Umicore NV"
    revert = take_back(site, request)
    assert execute(revert.pk) == "executed"

    assert name_in(served, site) == "Umicore"
    assert get(request.pk).status == "reverted"
    names = [values["name"] for values in served.writes(site.company)]
    assert names == ["Umicore NV", "Umicore"], "each was applied once"
    marks = [values["countersign_operation"].split()[0] for values in served.writes(site.company)]
    assert marks == [f"request:{request.pk}", f"request:{revert.pk}"], "and each says which request it was"
    while sequence_pending(now=get_now()):
        pass
    assert verify_ledger().problems == ()


def test_what_a_person_wrote_in_hubspot_stops_the_write_and_the_revert(served: ServedPortal, site: Site) -> None:
    """EXE-05, invariant 10."""
    request = decided(site, **NEW_NAME)
    vote(site, request)
    served.edit("companies", site.company, name="Umicore Group")

    assert execute(request.pk) == "conflict"
    assert served.writes(site.company) == []

    again = decided(site, changes={"name": "Umicore NV"}, expected={"name": "Umicore Group"})
    vote(site, again)
    assert execute(again.pk) == "executed"
    served.edit("companies", site.company, name="Umicore SA")
    with pytest.raises(RevertConflictError):
        take_back(site, again)
    assert name_in(served, site) == "Umicore SA"


def test_an_answer_that_never_came_is_looked_up_and_nothing_is_written_twice(served: ServedPortal, site: Site) -> None:
    """EXE-03, invariant 3."""
    request = decided(site)
    assert request.status == "approved"
    served.portal.faults.plan("drop_after", method="PATCH")

    assert execute(request.pk) == "unknown"
    AgentActionRequest.objects.filter(pk=request.pk).update(not_before=None)
    assert reconcile_request(request_id=request.pk, worker="test") == "executed"

    assert [values["numberofemployees"] for values in served.writes(site.company)] == ["220"]


def test_a_portal_that_changes_the_value_is_told_of_and_not_written_again(served: ServedPortal, site: Site) -> None:
    request = decided(site, changes={"country": "Belgium"}, expected=None)
    served.portal.faults.plan("normalise", method="PATCH")

    assert execute(request.pk) == "unknown"

    assert get(request.pk).status_code == "applied_with_difference"
    assert len(served.writes(site.company)) == 1


@pytest.mark.parametrize("fault", ["limit=TEN_SECONDLY_ROLLING", "status=423"])
def test_what_hubspot_put_off_waits_and_is_written_once(served: ServedPortal, site: Site, fault: str) -> None:
    request = decided(site)
    served.portal.faults.plan(fault, method="PATCH")

    assert execute(request.pk) == "approved"

    assert get(request.pk).not_before is not None
    assert served.writes(site.company) == []


def test_what_hubspot_refuses_is_told_by_field(served: ServedPortal, site: Site) -> None:
    request = decided(site, changes={"industry": "IT Services"}, expected=None)

    assert execute(request.pk) == "failed"

    failed = get(request.pk)
    assert failed.status_code == "rejected"
    assert served.writes(site.company) == []


def test_a_vanished_record_denies_or_conflicts(served: ServedPortal, site: Site) -> None:
    request = decided(site)
    served.call("DELETE", f"/crm/v3/objects/companies/{site.company}")

    assert execute(request.pk) == "conflict"
    assert decided(site).status == "denied"


def test_a_new_portal_gets_what_the_guarantees_stand_on(
    served: ServedPortal, site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = {
        name: {key: item for key, item in definitions.items() if not key.startswith("countersign_")}
        for name, definitions in served.portal.definitions.items()
    }
    monkeypatch.setattr(served.portal, "definitions", plain)

    for _ in range(2):
        call_command("prepare_crm", site.world.workspace.slug, "embedded")

    assert plain["companies"]["countersign_key"].is_unique
    assert not plain["notes"]["countersign_operation"].is_unique
    assert capsys.readouterr().out.splitlines()[-2:] == ["10 properties were made.", "0 properties were made."]


@pytest.mark.parametrize("name", ["nobody", "embedded"])
def test_only_hubspot_needs_preparing(site: Site, name: str) -> None:
    Connection.objects.filter(pk=site.connection_id).update(kind="embedded")

    with pytest.raises(CommandError):
        call_command("prepare_crm", site.world.workspace.slug, name)
