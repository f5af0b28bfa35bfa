"""The simulator is not kinder than the real thing: every trap of the wire that a connector must survive (CON-07)."""
# ruff: noqa: S608 (queries of an org in memory, made of the tests' own ids)

import http.client
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from jwcrypto import jwk, jwt

from crm_connectors.simulators.faults import Fault
from crm_connectors.simulators.salesforce.org import DuplicateRule, ValidationRule
from crm_connectors.simulators.salesforce.record_id import long_id, read_id
from crm_connectors.simulators.salesforce.seed import RUN_AS
from crm_connectors.simulators.salesforce.tokens import JWT_BEARER
from tests.builders.salesforce import CLIENT_ID, CLIENT_SECRET, SalesforceServer, running_salesforce


@pytest.fixture
def server() -> Iterator[SalesforceServer]:
    with running_salesforce() as running:
        yield running


@pytest.fixture
def client(server: SalesforceServer) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


def code(response: httpx.Response) -> str:
    return str(response.json()[0]["errorCode"])


def query(client: httpx.Client, soql: str) -> list[dict[str, Any]]:
    answer = client.get("/query", params={"q": soql})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["records"])


# Signing in


def sign_in(server: SalesforceServer, form: dict[str, str], **headers: str) -> httpx.Response:
    return httpx.post(f"{server.url}/services/oauth2/token", data=form, headers=headers, trust_env=False)


def test_client_credentials_belong_to_the_orgs_own_domain(server: SalesforceServer) -> None:
    form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}

    assert sign_in(server, form).json()["token_type"] == "Bearer"
    refused = sign_in(server, form, Host="login.salesforce.com")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert sign_in(server, {**form, "client_secret": "guess"}).json()["error"] == "invalid_client"


def assertion(key: jwk.JWK, **changed: Any) -> dict[str, str]:
    claims = {"iss": CLIENT_ID, "sub": RUN_AS, "aud": "https://login.salesforce.com", "exp": int(time.time()) + 120}
    token = jwt.JWT(header={"alg": "RS256"}, claims={**claims, **changed})
    token.make_signed_token(key)
    return {"grant_type": JWT_BEARER, "assertion": token.serialize()}


def test_an_assertion_needs_the_right_key_audience_user_and_time(server: SalesforceServer) -> None:
    key, other = jwk.JWK.generate(kty="RSA", size=2048), jwk.JWK.generate(kty="RSA", size=2048)
    apps = server.simulator.tokens.apps
    apps[CLIENT_ID] = replace(apps[CLIENT_ID], certificate=key.export_to_pem().decode())

    assert sign_in(server, assertion(key)).status_code == 200
    forged = [
        assertion(other),
        assertion(key, aud="https://elsewhere.example"),
        assertion(key, sub="maya.lindqvist@example.com"),
        assertion(key, exp=int(time.time()) + 3600),
        assertion(key, exp=int(time.time()) - 3600),
        {"grant_type": JWT_BEARER, "assertion": "no.token"},
    ]
    assert {sign_in(server, form).json()["error"] for form in forged} <= {"invalid_grant", "invalid_client_id"}
    assert [sign_in(server, form).status_code for form in forged] == [400] * len(forged)


def test_versions_retired_and_unknown(client: httpx.Client, server: SalesforceServer) -> None:
    assert {"60.0", "68.0"} <= {item["version"] for item in client.get(f"{server.url}/services/data").json()}
    assert client.get(f"{server.url}/services/data/v25.0/sobjects").status_code == 410
    assert client.get(f"{server.url}/services/data/v99.0/sobjects").status_code == 404


# Records


def test_ids_of_15_characters_mean_the_same_record(client: httpx.Client, server: SalesforceServer) -> None:
    record_id = server.make()
    assert long_id("001D000000IqhSL") == "001D000000IqhSLIAZ"
    assert read_id(record_id[:15]) == record_id
    assert client.get(f"/sobjects/Account/{record_id[:15]}").json()["Id"] == record_id


def test_an_update_is_conditional_to_the_second(client: httpx.Client, server: SalesforceServer) -> None:
    record_id = server.make()
    seen = client.get(f"/sobjects/Account/{record_id}?fields=Name").headers["Last-Modified"]
    server.edit(record_id, Phone="1")

    stale = client.patch(f"/sobjects/Account/{record_id}", json={"Name": "A"}, headers={"If-Unmodified-Since": seen})
    unreadable = client.patch(f"/sobjects/Account/{record_id}", json={}, headers={"If-Unmodified-Since": "soon"})
    fresh = client.get(f"/sobjects/Account/{record_id}").headers["Last-Modified"]
    first = client.patch(f"/sobjects/Account/{record_id}", json={"Name": "B"}, headers={"If-Unmodified-Since": fresh})

    assert (stale.status_code, unreadable.status_code) == (412, 400)
    assert (first.status_code, first.content) == (204, b"")
    assert server.values(record_id)["Name"] == "B"


def test_only_accounts_have_an_etag(client: httpx.Client, server: SalesforceServer) -> None:
    account, lead = server.make(), server.make("Lead")
    etag = client.get(f"/sobjects/Account/{account}").headers["ETag"]
    assert client.get(f"/sobjects/Account/{account}", headers={"If-None-Match": etag}).status_code == 304
    assert "ETag" not in client.get(f"/sobjects/Lead/{lead}").headers


def test_a_deleted_record_is_gone_for_this_api(client: httpx.Client, server: SalesforceServer) -> None:
    record_id = server.make()
    assert client.delete(f"/sobjects/Account/{record_id}").status_code == 204
    assert code(client.patch(f"/sobjects/Account/{record_id}", json={"Name": "A"})) == "ENTITY_IS_DELETED"
    assert code(client.delete(f"/sobjects/Account/{record_id}")) == "ENTITY_IS_DELETED"
    assert query(client, f"SELECT Id FROM Account WHERE Id = '{record_id}'") == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"Industry": "Witchcraft"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"Name": None}, "REQUIRED_FIELD_MISSING"),
        ({"Name": "x" * 256}, "STRING_TOO_LONG"),
        ({"NumberOfEmployees": "many"}, "JSON_PARSER_ERROR"),
        ({"NumberOfEmployees": 10**9}, "NUMBER_OUTSIDE_VALID_RANGE"),
        ({"LastActivityDate": "2026-01-01"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"Warp__c": 9}, "INVALID_FIELD"),
        ({"OwnerId": "005SIM0000ZZZZZ"}, "INVALID_CROSS_REFERENCE_KEY"),
    ],
)
def test_a_refused_value_changes_nothing(
    client: httpx.Client, server: SalesforceServer, values: dict[str, Any], expected: str
) -> None:
    record_id = server.make()
    answer = client.patch(f"/sobjects/Account/{record_id}", json={"Phone": "1", **values})
    assert (answer.status_code, code(answer)) == (400, expected)
    assert server.applied() == []


def test_values_are_normalised_in_silence(client: httpx.Client, server: SalesforceServer) -> None:
    record_id = server.make("Opportunity")
    given = {"Name": "  Pilot  ", "Amount": 10.006, "StageName": "qualification", "NextStep": ""}
    assert client.patch(f"/sobjects/Opportunity/{record_id}", json=given).status_code == 204
    kept = server.values(record_id)
    assert [kept[name] for name in given] == ["Pilot", 10.01, "Qualification", None]


def test_a_stage_moves_more_than_itself(client: httpx.Client, server: SalesforceServer) -> None:
    record_id = server.make("Opportunity", Amount=1000)
    client.patch(f"/sobjects/Opportunity/{record_id}", json={"StageName": "Closed Won"})
    kept = server.values(record_id)
    assert (kept["Probability"], kept["ForecastCategoryName"], kept["IsWon"]) == (100, "Closed", True)
    assert kept["ExpectedRevenue"] == 1000


def test_an_amount_is_ignored_when_there_are_products(client: httpx.Client, server: SalesforceServer) -> None:
    record_id = server.make("Opportunity", Amount=1000)
    server.make("OpportunityLineItem", OpportunityId=record_id, Quantity=1)
    assert client.patch(f"/sobjects/Opportunity/{record_id}", json={"Amount": 5}).status_code == 204
    assert server.values(record_id)["Amount"] == 1000


def test_assignment_rules_run_unless_told_not_to(client: httpx.Client, server: SalesforceServer) -> None:
    record_id = server.make("Lead")
    before = server.values(record_id)["OwnerId"]
    server.org.assigns["Lead"] = server.org.users["ben.okafor@example.com"].id

    client.patch(f"/sobjects/Lead/{record_id}", json={"Title": "VP"}, headers={"Sforce-Auto-Assign": "FALSE"})
    assert server.values(record_id)["OwnerId"] == before
    client.patch(f"/sobjects/Lead/{record_id}", json={"Title": "CFO"})
    assert server.values(record_id)["OwnerId"] == server.org.assigns["Lead"]


def test_fields_hidden_from_a_user_do_not_exist_for_it(client: httpx.Client, server: SalesforceServer) -> None:
    record_id = server.make()
    user = server.org.users[RUN_AS]
    server.org.users[RUN_AS] = replace(
        user, hidden=frozenset({"Account.Phone"}), read_only=frozenset({"Account.Website"})
    )
    fields = {item["name"]: item for item in client.get("/sobjects/Account/describe").json()["fields"]}
    assert "Phone" not in fields
    assert fields["Website"]["updateable"] is False
    assert code(client.get(f"/sobjects/Account/{record_id}?fields=Phone")) == "INVALID_FIELD"
    refused = client.patch(f"/sobjects/Account/{record_id}", json={"Website": "https://a.example"})
    assert code(refused) == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_validation_and_duplicate_rules(client: httpx.Client, server: SalesforceServer) -> None:
    record_id = server.make("Contact", Email="a@umicore.example")
    org = server.org
    org.validation_rules.append(
        ValidationRule(object="Contact", message="No interns", field="Title", refuses=lambda v: v["Title"] == "Intern")
    )
    org.duplicate_rules.append(DuplicateRule(object="Contact", field="Email", name="Alert", is_blocking=False))
    given = {"LastName": "Novak", "Email": "A@umicore.example"}

    assert code(client.patch(f"/sobjects/Contact/{record_id}", json={"Title": "Intern"})) == (
        "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    )
    refused = client.post("/sobjects/Contact", json=given)
    assert code(refused) == "DUPLICATES_DETECTED"
    assert refused.json()[0]["duplicateResult"]["allowSave"] is True
    insisting = {"Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=true"}
    assert client.post("/sobjects/Contact", json=given, headers=insisting).status_code == 201
    org.duplicate_rules[0] = replace(org.duplicate_rules[0], is_blocking=True)
    assert code(client.post("/sobjects/Contact", json=given, headers=insisting)) == "DUPLICATES_DETECTED"


def test_history_tells_only_tracked_fields(client: httpx.Client, server: SalesforceServer) -> None:
    record_id = server.make(Phone="1")
    server.edit(record_id, Industry="Chemicals", Phone="2")
    server.org.untracked.add("Account.Name")
    server.edit(record_id, Name="Other")
    rows = query(client, f"SELECT Field, OldValue, NewValue FROM AccountHistory WHERE AccountId = '{record_id}'")
    assert [(row["Field"], row["OldValue"], row["NewValue"]) for row in rows] == [
        ("created", None, None),
        ("Industry", None, "Chemicals"),
    ]


# Queries


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("Name = 'o\\'brien & co'", ["O'Brien & Co"]),
        ("Name LIKE 'O\\'B%'", ["O'Brien & Co"]),
        ("Name LIKE '100\\%'", ["100%"]),
        ("Industry = null", ["100%", "O'Brien & Co"]),
        ("Industry IN ('Software', 'Retail') AND NumberOfEmployees > 10", ["Umicore"]),
        ("NOT (Name = '100%' OR Name LIKE 'u%')", ["O'Brien & Co"]),
        ("NumberOfEmployees != null", ["Umicore"]),
        ("Industry NOT IN ('Software')", ["100%", "O'Brien & Co"]),
    ],
)
def test_conditions_of_queries(
    client: httpx.Client, server: SalesforceServer, condition: str, expected: list[str]
) -> None:
    server.make(Name="O'Brien & Co")
    server.make(Name="100%")
    server.make(Name="Umicore", Industry="Software", NumberOfEmployees=11)
    assert [
        row["Name"] for row in query(client, f"SELECT Name FROM Account WHERE {condition} ORDER BY Name")
    ] == expected


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Id FROM Account WHERE Name = 'open",
        "SELECT Id FROM Account WHERE Name = 'a' OR Name = 'b' AND Name = 'c'",
        "SELECT Id FROM Account; DELETE",
        "SELECT Id FROM Account WHERE Name = 'a\\x'",
        "SELECT",
        "SELECT Id FROM Account WHERE " + "(" * 50 + "Name = 'a'" + ")" * 50,
    ],
)
def test_a_malformed_query_is_refused(client: httpx.Client, soql: str) -> None:
    answer = client.get("/query", params={"q": soql})
    assert answer.status_code == 400
    assert code(answer) in {"MALFORMED_QUERY", "QUERY_TOO_COMPLICATED"}


def test_a_url_that_is_too_long_is_refused(client: httpx.Client) -> None:
    assert client.get("/query", params={"q": "SELECT Id FROM Account WHERE Name = '" + "x" * 17000}).status_code == 414


# Many at once


def test_all_or_none_takes_siblings_back(client: httpx.Client, server: SalesforceServer) -> None:
    good, bad = server.make(), server.make()
    records = [
        {"attributes": {"type": "Account"}, "id": good, "Industry": "Software"},
        {"attributes": {"type": "Account"}, "id": bad, "Industry": "Witchcraft"},
    ]
    answer = client.patch("/composite/sobjects", json={"allOrNone": True, "records": records})
    codes = [item["errors"][0]["statusCode"] for item in answer.json()]
    assert (answer.status_code, codes) == (
        200,
        ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"],
    )
    assert server.applied() == []

    answer = client.patch("/composite/sobjects", json={"records": records})
    assert [item["success"] for item in answer.json()] == [True, False]
    assert server.applied() == [("update", {"Industry": "Software"})]


def test_composite_refers_to_earlier_answers(client: httpx.Client, server: SalesforceServer) -> None:
    parts = [
        {"method": "POST", "url": "/services/data/v62.0/sobjects/Account", "referenceId": "a", "body": {"Name": "New"}},
        {
            "method": "POST",
            "url": "/services/data/v62.0/sobjects/Contact",
            "referenceId": "c",
            "body": {"LastName": "Novak", "AccountId": "@{a.id}"},
        },
    ]
    answer = client.post("/composite", json={"allOrNone": True, "compositeRequest": parts}).json()["compositeResponse"]
    assert [part["httpStatusCode"] for part in answer] == [201, 201]
    assert server.values(answer[1]["body"]["id"])["AccountId"] == answer[0]["body"]["id"]

    parts[1]["body"] = {"FirstName": "No last name"}
    answer = client.post("/composite", json={"allOrNone": True, "compositeRequest": parts}).json()["compositeResponse"]
    assert [part["body"][0]["errorCode"] for part in answer] == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]
    assert len(server.applied()) == 2
    assert client.post("/composite", json={"compositeRequest": [{"method": "GET"}]}).status_code == 400


# What goes wrong on order


def test_a_write_can_be_applied_and_its_answer_lost(client: httpx.Client, server: SalesforceServer) -> None:
    record_id = server.make()
    with pytest.raises(httpx.TransportError):
        client.patch(f"/sobjects/Account/{record_id}", json={"Phone": "1"}, headers={"X-Simulate": "fault=drop_after"})
    assert server.applied() == [("update", {"Phone": "1"})]
    with pytest.raises(httpx.TransportError):
        client.patch(f"/sobjects/Account/{record_id}", json={"Phone": "2"}, headers={"X-Simulate": "fault=drop_before"})
    assert len(server.applied()) == 1


@pytest.mark.parametrize(
    ("fault", "status", "is_applied"),
    [
        (Fault.ERROR_BEFORE, 500, False),
        (Fault.ERROR_AFTER, 500, True),
        (Fault.GATEWAY_BEFORE, 502, False),
        (Fault.LIMITED, 403, False),
        (Fault.LOCKED, 400, False),
        (Fault.SESSION_ENDED, 401, False),
        (Fault.MOVED, 302, False),
    ],
)
def test_planned_faults_strike_once(
    client: httpx.Client, server: SalesforceServer, fault: Fault, status: int, is_applied: bool
) -> None:
    record_id = server.make()
    server.org.faults.plan(fault, method="PATCH")
    assert client.get(f"/sobjects/Account/{record_id}").status_code == 200
    assert client.patch(f"/sobjects/Account/{record_id}", json={"Phone": "1"}).status_code == status
    assert bool(server.applied()) is is_applied
    assert client.get(f"/sobjects/Account/{record_id}").status_code == (401 if fault == Fault.SESSION_ENDED else 200)


def test_one_record_of_a_collection_can_be_locked(client: httpx.Client, server: SalesforceServer) -> None:
    ids = [server.make(), server.make()]
    server.org.faults.plan(Fault.LOCKED)
    records = [{"attributes": {"type": "Account"}, "id": record_id, "Phone": "1"} for record_id in ids]
    answer = client.patch("/composite/sobjects", json={"records": records}).json()
    assert answer[0]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    assert [len(server.applied(record_id)) for record_id in ids] == [0, 1]


def test_the_daily_limit_ends(client: httpx.Client, server: SalesforceServer) -> None:
    server.org.daily_requests = server.org.used_requests + 1
    assert client.get("/sobjects").status_code == 200
    refused = client.get("/sobjects")
    assert (refused.status_code, code(refused)) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert "Retry-After" not in refused.headers


def test_connections_stay_open_and_bodies_come_in_chunks(server: SalesforceServer) -> None:
    address = urlsplit(server.url)
    assert address.hostname is not None
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
    form = f"grant_type=client_credentials&client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}".encode()
    for _ in range(2):
        connection.request(
            "POST",
            "/services/oauth2/token",
            iter([form[:20], form[20:]]),
            {"Content-Type": "application/x-www-form-urlencoded", "Transfer-Encoding": "chunked"},
            encode_chunked=True,
        )
        answer = connection.getresponse()
        assert answer.status == 200
        answer.read()
        assert connection.sock is not None
    connection.close()


def test_a_slow_body_arrives_whole(client: httpx.Client, server: SalesforceServer) -> None:
    record_id = server.make()
    answer = client.get(f"/sobjects/Account/{record_id}", headers={"X-Simulate": "body_seconds=0.1; latency=0.01"})
    assert answer.json()["Id"] == record_id
    assert client.get("/sobjects", headers={"X-Simulate": "explode=1"}).status_code == 400


def test_a_person_sees_and_edits_records(server: SalesforceServer) -> None:
    record_id = server.make(Name="<b>Umicore</b>", Industry="Software")
    with httpx.Client(base_url=server.url, trust_env=False) as browser:
        assert "Accounts" in browser.get("/").text
        assert "&lt;b&gt;Umicore" in browser.get("/Account").text
        assert browser.post(f"/Account/{record_id}", data={"Industry": "Retail"}).status_code == 303
        page = browser.get(f"/Account/{record_id}").text
        assert "Software" in page.partition("<h2>History</h2>")[2]
        assert browser.post(f"/Account/{record_id}", data={"Name": ""}).status_code == 400
        assert browser.get("/Account/nobody").status_code == 400
        journal = browser.get("/_simulator/journal").json()
        assert journal["entries"][-1]["values"] == {"Industry": "Retail"}
        wish = {"fault": "limited", "method": "GET", "path_part": "/sobjects"}
        assert browser.post("/_simulator/faults", json=wish).status_code == 204
        assert browser.post("/_simulator/faults", json={"fault": "explode"}).status_code == 400
    with server.client() as client:
        assert client.get("/sobjects").status_code == 403
