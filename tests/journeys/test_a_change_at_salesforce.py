"""One request's life on a Salesforce org: asked, approved, written once, taken back; and what the org does on the way
(CON-02, EXE-01, RVT-01)."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from approvals.services.sweep import run_due
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from audit.services.sequence import sequence_pending
from audit.services.verify import verify_ledger
from crm_connectors.models import ConnectionEndpoint
from crm_connectors.services.schema_sync import sync_schema
from crm_connectors.services.secret_changes import set_secret
from crm_connectors.simulators.faults import Fault
from crm_connectors.simulators.salesforce.org import ValidationRule
from governance.models import FieldOwnership, RegisteredField
from tests.builders.api import Site, get, make_body, post
from tests.builders.approvals import get as get_request
from tests.builders.approvals import vote
from tests.builders.bulk_reverts import plan, results, start, work
from tests.builders.governance import PASSWORD, allow, make_connection, make_grant, make_world, publish
from tests.builders.salesforce import CLIENT_ID, CLIENT_SECRET, SalesforceServer, running_salesforce

pytestmark = pytest.mark.django_db(transaction=True)
CHANGED = {"Industry": "safe_write", "NumberOfEmployees": "safe_write", "Name": "approval"}


@pytest.fixture
def server(settings: Any) -> Iterator[SalesforceServer]:
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    with running_salesforce() as running:
        yield running


@pytest.fixture
def site(server: SalesforceServer) -> Site:
    """A workspace whose agent may change accounts of this org, as its schema was synced and reviewed."""
    world = make_world()
    allow(world.approver_user, world.workspace, "manage_agents")
    connection = make_connection(world.workspace, "salesforce", kind="salesforce")
    settings = {"base_url": server.url, "client_id": CLIENT_ID, "objects": "Account,Opportunity"}
    ConnectionEndpoint.objects.create(connection=connection, settings=settings)
    set_secret(
        connection_id=connection.pk,
        name="client_secret",
        value=CLIENT_SECRET,
        user_id=world.approver_user.pk,
        now=get_now(),
    )
    sync_schema(connection_id=connection.pk, now=get_now())
    for name, level in CHANGED.items():
        field = RegisteredField.objects.get(connection=connection, object_type="Account", name=name)
        RegisteredField.objects.filter(pk=field.pk).update(review_state="reviewed", classification="enrichment")
        FieldOwnership.objects.update_or_create(
            field=field,
            defaults={"owner_role": "revops", "permission_level": level, "allowed_writers": ["agent", "human"]},
        )
    make_grant(
        world.agent,
        connection,
        object_type="Account",
        read_fields=tuple(CHANGED),
        write_fields=tuple(CHANGED),
    )
    publish(world)
    account = server.make(Name="Umicore", NumberOfEmployees=100)
    return Site(replace(world, connection=connection), account)


def propose(site: Site, **changes: Any) -> dict[str, Any]:
    body = make_body(
        site, **{"connection": "salesforce", "target": {"object": "Account", "id": site.company}, **changes}
    )
    answer = post("/action-requests/", body, token=site.world.token)
    assert answer.status_code in (201, 202), answer.content
    run_due(worker="journey")
    return dict(get(f"/action-requests/{answer.json()['id']}/", token=site.world.token).json())


def status(site: Site, request: dict[str, Any]) -> tuple[str, str]:
    row = get_request(request["id"])
    return row.status, row.status_code


def check_ledger() -> None:
    while sequence_pending(now=get_now()):
        pass
    report = verify_ledger()
    assert report.is_ok, report


def test_asked_approved_written_once_and_taken_back(server: SalesforceServer, site: Site) -> None:
    schema = RegisteredField.objects.filter(connection=site.world.connection, object_type="Account")
    assert schema.get(name="Industry").options[:1] == ["Aerospace & Defense"]

    pending = propose(site, changes={"Name": "Umicore NV"}, expected={"Name": "Umicore"})
    assert pending["status"] == "pending", pending
    assert server.applied() == []
    vote(site, get_request(pending["id"]))
    run_due(worker="journey")

    assert status(site, pending) == ("executed", "")
    (written,) = server.applied(site.company)
    assert written == ("update", {"Name": "Umicore NV", "Countersign_Key__c": f"request:{pending['id']}"})
    server.org.let_pass(5)

    manager = Client()
    manager.post("/admin/login/", {"username": site.world.approver_user.username, "password": PASSWORD})
    revert = reverse("approvals:revert", args=[pending["id"]])
    assert manager.post(revert, {"reason": "the old name was right"}).status_code == 302
    run_due(worker="journey")

    assert server.values(site.company)["Name"] == "Umicore"
    assert status(site, pending)[0] == "reverted"
    assert [verb for verb, _ in server.applied(site.company)] == ["update", "update"]
    assert LedgerEvent.objects.filter(subject_id=pending["id"], type="request.reverted").count() == 1
    check_ledger()


def test_written_but_unanswered_is_looked_up_and_not_repeated(server: SalesforceServer, site: Site) -> None:
    server.org.faults.plan(Fault.DROP_AFTER, method="PATCH")
    asked = propose(site, changes={"NumberOfEmployees": 220}, expected={"NumberOfEmployees": 100})
    for _ in range(3):
        row = get_request(asked["id"])
        type(row).objects.filter(pk=row.pk, status="unknown").update(not_before=None)
        run_due(worker="journey")
    assert status(site, asked) == ("executed", "")
    assert len(server.applied(site.company)) == 1
    check_ledger()


def test_a_persons_edit_meanwhile_stands(server: SalesforceServer, site: Site) -> None:
    pending = propose(site, changes={"Name": "Umicore NV"}, expected=None)
    server.edit(site.company, Name="Umicore Group")
    vote(site, get_request(pending["id"]))
    run_due(worker="journey")
    assert status(site, pending)[0] == "conflict"
    assert server.values(site.company)["Name"] == "Umicore Group"
    assert server.applied() == []


def test_what_the_org_refuses_is_told(server: SalesforceServer, site: Site) -> None:
    rule = ValidationRule(
        object="Account", message="Too many", field="NumberOfEmployees", refuses=lambda v: v["NumberOfEmployees"] == 220
    )
    server.org.validation_rules.append(rule)
    asked = propose(site, changes={"NumberOfEmployees": 220}, expected=None)
    assert status(site, asked) == ("failed", "rejected")
    assert server.applied() == []
    assert propose(site, changes={"Industry": "Witchcraft"}, expected=None)["status"] == "denied"


def test_a_record_that_vanished_is_a_conflict(server: SalesforceServer, site: Site) -> None:
    pending = propose(site, changes={"Name": "Umicore NV"}, expected=None)
    server.remove(site.company)
    vote(site, get_request(pending["id"]))
    run_due(worker="journey")
    assert status(site, pending) == ("conflict", "record_gone")


def test_many_changes_are_taken_back_in_few_calls(server: SalesforceServer, site: Site) -> None:
    """RVT-02, RVT-03: by the org's own batches, and nobody's value is overwritten."""
    accounts = [site.company, *(server.make(Name=f"Company {number}", NumberOfEmployees=100) for number in range(5))]
    for account in accounts:
        target = {"object": "Account", "id": account}
        asked = propose(site, target=target, changes={"NumberOfEmployees": 220}, expected={"NumberOfEmployees": 100})
        assert asked["status"] == "executed", asked
    server.org.let_pass(5)
    server.edit(accounts[2], NumberOfEmployees=300)
    applied = len(server.applied())

    job = plan(site)
    assert start(site, job) == "running"
    with server.counting() as calls:
        work()
    job.refresh_from_db()

    assert (job.state, sorted(results(job).values())) == ("finished", ["", *["reverted"] * 5])
    assert [server.values(account)["NumberOfEmployees"] for account in accounts] == [100, 100, 300, 100, 100, 100]
    assert len(server.applied()) - applied == 5
    assert calls.count(("POST", "/services/data/v62.0/composite")) == 1
    assert not [call for call in calls if call[0] == "PATCH"]
    check_ledger()


def test_a_record_named_by_fifteen_characters_is_the_record_of_eighteen(server: SalesforceServer, site: Site) -> None:
    """CON-02, DNC-03: one row, one record on record, one budget and one lock; read as well as written."""
    target = {"object": "Account", "id": site.company[:15]}
    asked = propose(site, target=target, changes={"NumberOfEmployees": 220}, expected={"NumberOfEmployees": 100})
    row = get_request(asked["id"])
    assert (row.record_id, row.target_id) == (site.company, site.company)
    assert (row.facts["request"]["record_id"], row.facts["request"]["target_id"]) == (site.company, site.company)
    received = LedgerEvent.objects.get(subject_id=asked["id"], type="request.received")
    assert json.loads(bytes(received.body))["data"]["record"] == site.company
    assert status(site, asked) == ("executed", "")
    assert server.values(site.company)["NumberOfEmployees"] == 220

    make_grant(site.world.agent, site.world.connection, object_type="Account", action="read", read_fields=("Name",))
    publish(site.world)
    read = get(f"/records/salesforce/Account/{site.company[:15]}/", token=site.world.token)
    assert read.json()["id"] == site.company
    on_record = LedgerEvent.objects.get(type="record.read")
    assert json.loads(bytes(on_record.body))["data"]["record_ids"] == [site.company]
