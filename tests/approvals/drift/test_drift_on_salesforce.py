"""Drift on a Salesforce org: by the history of tracked fields, and by who changed the record last where a field is not
tracked (EXE-05, QAS-01, EXC-04)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from approvals.models import Incident, SamplingPlan, WrittenField
from approvals.services.decision import decide_request
from audit.selectors.clock import get_now
from crm_connectors.models import ConnectionEndpoint
from crm_connectors.services import gate
from crm_connectors.services.schema_sync import sync_schema
from crm_connectors.services.secrets import ConnectionSecrets
from governance.models import FieldOwnership, RegisteredField
from tests.builders.api import Site
from tests.builders.approvals import execute, get, submit
from tests.builders.drift import begin_watch, origins, sweep
from tests.builders.governance import make_connection, make_grant, make_world, publish
from tests.builders.quality import settle
from tests.builders.salesforce import CLIENT_ID, CLIENT_SECRET, SalesforceServer, running_salesforce

pytestmark = pytest.mark.django_db(transaction=True)
FIELDS = ("Industry", "NumberOfEmployees")


@pytest.fixture(scope="module")
def server() -> Iterator[SalesforceServer]:
    with running_salesforce() as running:
        yield running


@pytest.fixture
def site(server: SalesforceServer, settings: Any) -> Site:
    """A workspace whose agent may change accounts of this org, watched from now on."""
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    server.clear()
    gate._memories.clear()
    world = make_world()
    connection = make_connection(world.workspace, "salesforce", kind="salesforce")
    told = {"base_url": server.url, "client_id": CLIENT_ID, "objects": "Account"}
    ConnectionEndpoint.objects.create(connection=connection, settings=told)
    ConnectionSecrets(connection.pk).keep("client_secret", CLIENT_SECRET)
    sync_schema(connection_id=connection.pk, now=get_now())
    for name in FIELDS:
        field = RegisteredField.objects.get(connection=connection, object_type="Account", name=name)
        RegisteredField.objects.filter(pk=field.pk).update(review_state="reviewed", classification="enrichment")
        more = {"owner_role": "revops", "permission_level": "safe_write", "allowed_writers": ["agent", "human"]}
        FieldOwnership.objects.create(field=field, **more)
    make_grant(world.agent, connection, object_type="Account", read_fields=FIELDS, write_fields=FIELDS)
    publish(world)
    SamplingPlan.objects.create(workspace=world.workspace, safe_percent=0, new_agent_percent=0, risky_percent=0)
    account = server.make(Name="Umicore", NumberOfEmployees=100)
    server.org.let_pass(2)
    begin_watch()
    return Site(replace(world, connection=connection), account)


def execute_change(site: Site) -> None:
    target = {"object": "Account", "id": site.company}
    submission = submit(site, connection="salesforce", target=target, changes={"NumberOfEmployees": 220}, expected=None)
    decide_request(request_id=submission.request_id, now=get_now())
    assert get(submission.request_id).status == "approved"
    assert execute(submission.request_id) == "executed"


def write_behind(server: SalesforceServer, record_id: str, **values: Any) -> None:
    """Somebody with our app's secret, past the product."""
    server.org.let_pass(2)
    with server.client() as client:
        assert client.patch(f"/sobjects/Account/{record_id}", json=values).status_code == 204


def by_origin() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for field, origin in origins():
        found.setdefault(origin, set()).add(field)
    return found


def test_ours_is_explained(server: SalesforceServer, site: Site) -> None:
    execute_change(site)
    sweep()
    assert by_origin()["explained"] >= {"NumberOfEmployees"}
    assert "ungoverned" not in by_origin()
    assert not Incident.objects.exists()


@pytest.mark.parametrize("is_tracked", [True, False])
def test_our_credential_behind_our_back_is_an_incident(server: SalesforceServer, site: Site, is_tracked: bool) -> None:
    """Where the org does not track the field, that our user changed the record at a time of no attempt is told."""
    if not is_tracked:
        server.org.untracked = {f"Account.{name}" for name in FIELDS}
    write_behind(server, site.company, Industry="Chemicals")
    sweep()
    assert ("Industry" in by_origin()["ungoverned"]) is is_tracked
    assert "" in by_origin()["ungoverned"]
    assert Incident.objects.count() == 1


def test_a_users_overwrite_is_a_silent_rejection(server: SalesforceServer, site: Site) -> None:
    execute_change(site)
    settle()
    WrittenField.objects.update(next_look_at=get_now() + timedelta(hours=5))
    server.edit(site.company, NumberOfEmployees=90)
    sweep(later=timedelta())
    assert by_origin()["overwritten"] == {"NumberOfEmployees"}
    assert WrittenField.objects.get().fate == "overwritten"
    assert not Incident.objects.exists()
