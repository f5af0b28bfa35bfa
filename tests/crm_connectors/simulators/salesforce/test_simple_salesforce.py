"""The vendor's community client for Python runs a whole scenario against the simulator, unchanged (CON-07)."""
# ruff: noqa: S608 (queries of an org in memory, made of the tests' own ids)

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from crm_connectors.simulators.faults import Fault
from tests.builders.salesforce import CLIENT_ID, CLIENT_SECRET, SalesforceServer, running_salesforce


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SalesforceServer]:
    directory: Path = tmp_path_factory.mktemp("tls")
    with running_salesforce(companies=12, tls_directory=directory) as running:
        yield running


@pytest.fixture
def salesforce(server: SalesforceServer) -> Iterator[Salesforce]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(server.authority)
        form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        token = session.post(f"{server.url}/services/oauth2/token", data=form).json()
        assert "expires_in" not in token
        yield Salesforce(
            instance_url=token["instance_url"], session_id=token["access_token"], session=session, version="62.0"
        )


def test_describes_the_org(salesforce: Salesforce) -> None:
    names = {item["name"] for item in salesforce.describe()["sobjects"]}
    assert {"Account", "Contact", "Lead", "Opportunity", "Task", "AccountHistory"} <= names

    fields = {field["name"]: field for field in salesforce.Account.describe()["fields"]}
    assert fields["Industry"]["restrictedPicklist"] is True
    assert fields["LastActivityDate"]["updateable"] is False
    assert salesforce.limits()["DailyApiRequests"]["Max"] == 100_000


def test_a_record_lives_its_life(salesforce: Salesforce) -> None:
    made = salesforce.Account.create({"Name": "Umicore", "Industry": "Chemicals"})
    assert made["success"] is True
    record_id = made["id"]

    assert salesforce.Account.update(record_id, {"NumberOfEmployees": 10224}) == 204
    found = salesforce.Account.get(record_id)
    assert (found["Name"], found["NumberOfEmployees"]) == ("Umicore", 10224)
    assert found["attributes"]["type"] == "Account"

    assert salesforce.Account.delete(record_id) == 204
    with pytest.raises(SalesforceResourceNotFound):
        salesforce.Account.get(record_id)
    deleted = salesforce.query(f"SELECT Id, IsDeleted FROM Account WHERE Id = '{record_id}'", include_deleted=True)
    assert deleted["records"][0]["IsDeleted"] is True


def test_queries_page_by_page(salesforce: Salesforce, server: SalesforceServer) -> None:
    for number in range(450):
        server.make("Task", Subject=f"Page {number:03}")
    first = salesforce.query(
        "SELECT Id, Subject FROM Task WHERE Subject LIKE 'Page %' ORDER BY Subject",
        headers={"Sforce-Query-Options": "batchSize=200"},
    )
    assert (first["totalSize"], first["done"], len(first["records"])) == (450, False, 200)

    second = salesforce.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    third = salesforce.query_more(second["nextRecordsUrl"], identifier_is_url=True)
    subjects = [record["Subject"] for page in (first, second, third) for record in page["records"]]
    assert subjects == [f"Page {number:03}" for number in range(450)]
    assert third["done"] is True
    assert len(list(salesforce.query_all_iter("SELECT Id FROM Task WHERE Subject LIKE 'Page %'"))) == 450


def test_upserts_by_an_external_id(salesforce: Salesforce, server: SalesforceServer) -> None:
    key = "Countersign_Key__c/request:1"
    assert salesforce.Account.upsert(key, {"Name": "Solvay"}) == 201
    assert salesforce.Account.upsert(key, {"Name": "Solvay SA"}) == 200
    assert salesforce.Account.get_by_custom_id("Countersign_Key__c", "request:1")["Name"] == "Solvay SA"
    with server.org.lock:  # an admin's import that took no care of the key
        row = next(row for row in server.org.rows["Account"].values() if row.values["Name"] == "Solvay SA")
        twin = server.make(Name="Twin")
        server.org.rows["Account"][twin].values["Countersign_Key__c"] = row.values["Countersign_Key__c"]
    with pytest.raises(SalesforceMoreThanOneRecord):
        salesforce.Account.get_by_custom_id("Countersign_Key__c", "request:1")


def test_refusals_arrive_as_the_clients_exceptions(salesforce: Salesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest) as caught:
        salesforce.Account.create({"Name": "Umicore", "Industry": "Witchcraft"})
    assert caught.value.content[0]["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"

    record_id = salesforce.Account.create({"Name": "Umicore"})["id"]
    stale = {"If-Unmodified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"}
    with pytest.raises(SalesforceGeneralError) as changed:
        salesforce.Account.update(record_id, {"Name": "Other"}, headers=stale)
    assert changed.value.status == 412


def test_limits_and_ended_sessions(salesforce: Salesforce, server: SalesforceServer) -> None:
    server.org.faults.plan(Fault.LIMITED)
    with pytest.raises(SalesforceRefusedRequest) as caught:
        salesforce.query("SELECT Id FROM Account LIMIT 1")
    assert caught.value.content[0]["errorCode"] == "REQUEST_LIMIT_EXCEEDED"

    for _ in range(3):  # the header's three spellings
        salesforce.query("SELECT Id FROM Account LIMIT 1")
        assert salesforce.api_usage["api-usage"].total == 100_000

    server.simulator.tokens.end_sessions()
    with pytest.raises(SalesforceExpiredSession):
        salesforce.query("SELECT Id FROM Account LIMIT 1")


def test_collections_answer_200_with_a_success_each(salesforce: Salesforce) -> None:
    records = [
        {"attributes": {"type": "Task"}, "Subject": "One"},
        {"attributes": {"type": "Task"}, "Subject": "Two", "Status": "Impossible"},
    ]
    answer = salesforce.restful("composite/sobjects", method="POST", json={"allOrNone": False, "records": records})
    assert [item["success"] for item in answer] == [True, False]
    assert answer[1]["errors"][0]["statusCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
