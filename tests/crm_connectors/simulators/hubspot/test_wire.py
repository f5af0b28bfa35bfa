"""How a HubSpot portal behaves on the wire, fact by fact (CON-07)."""

import json
from pathlib import Path
from typing import Any

import pytest
import urllib3

from crm_connectors.simulators.hubspot.access import READ_ONLY_TOKEN
from crm_connectors.simulators.hubspot.app import HubSpotSimulator
from crm_connectors.simulators.hubspot.limits import Allowance
from crm_connectors.simulators.hubspot.pages import PERSON
from crm_connectors.simulators.hubspot.portal import Portal
from crm_connectors.simulators.hubspot.saved import load_portal, save_portal
from crm_connectors.simulators.hubspot.start import make_hubspot
from crm_connectors.simulators.hubspot.webhooks import sign_v3
from crm_connectors.simulators.serving import serve_in_thread
from tests.doubles.hubspot_portal import MIGRATION, ServedPortal

OLD, DATED, NEWEST = "/crm/v3/objects", "/crm/objects/2026-03", "/crm/objects/2026-09"
COMPANIES = f"{OLD}/companies"


def codes(body: dict[str, Any]) -> dict[str, str]:
    """What a client makes of either style of error."""
    found = {item["context"]["propertyName"][0]: item["code"] for item in body.get("errors", ())}
    _, _, hidden = body["message"].partition("not valid: ")
    return {**{item["name"]: item["error"] for item in json.loads(hidden or "[]")}, **found}


@pytest.mark.parametrize(
    "path",
    [
        "/crm/v3/objects/companies/101",
        "/crm/v3/objects/0-2/101",
        "/crm/objects/2026-03/companies/101",
        "/crm/objects/2026-09/0-2/101",
    ],
)
def test_a_record_is_reached_by_every_version(hubspot: ServedPortal, path: str) -> None:
    hubspot.portal._next_id = 101
    hubspot.add(name="Umicore", numberofemployees=10224)

    status, body = hubspot.call("GET", f"{path}?properties=numberofemployees,nope&properties=industry")

    assert status == 200
    assert (body["id"], body["properties"]["numberofemployees"]) == ("101", "10224")
    assert body["properties"]["industry"] is None
    assert "nope" not in body["properties"]


@pytest.mark.parametrize(
    "path",
    ["/crm/v3/objects/starships", "/crm/2026-09/objects/companies", "/crm/objects/2025-01/companies", "/crm/v4/owners"],
)
def test_what_is_not_there_is_an_error(hubspot: ServedPortal, path: str) -> None:
    assert hubspot.call("GET", path)[0] in (400, 404)


@pytest.mark.parametrize("base", [OLD, DATED, NEWEST])
def test_one_bad_property_stores_none_of_them(hubspot: ServedPortal, base: str) -> None:
    record = hubspot.add(name="Umicore")
    sent = {
        "city": "Brussels",
        "industry": "WITCHCRAFT",
        "notes_last_updated": "2026-01-01",
        "numberofemployees": "1,000",
        "hs_is_target_account": "maybe",
        "warp": "9",
    }

    status, body = hubspot.call("PATCH", f"{base}/companies/{record}", {"properties": sent})

    assert (status, body["category"]) == (400, "VALIDATION_ERROR")
    assert codes(body) == {
        "industry": "INVALID_OPTION",
        "notes_last_updated": "READ_ONLY_VALUE",
        "numberofemployees": "INVALID_INTEGER",
        "hs_is_target_account": "INVALID_OPTION",
        "warp": "PROPERTY_DOESNT_EXIST",
    }
    assert hubspot.writes(record) == []


def test_a_date_must_be_midnight_until_the_newest_version_makes_it_so(hubspot: ServedPortal) -> None:
    definition = {"name": "contract_date", "label": "Contract", "type": "date", "fieldType": "date"}
    hubspot.call("POST", "/crm/v3/properties/companies", definition)
    record = hubspot.add(name="Umicore")
    late = {"properties": {"contract_date": "1521225089103"}}

    refused, body = hubspot.call("PATCH", f"{OLD}/companies/{record}", late)
    taken, told = hubspot.call("PATCH", f"{NEWEST}/companies/{record}", late)
    hubspot.call("DELETE", "/crm/v3/properties/companies/contract_date")

    assert (refused, codes(body)) == (400, {"contract_date": "INVALID_DATE"})
    assert (taken, told["properties"]["contract_date"]) == (200, "2018-03-16")
    assert told["warnings"][0]["category"] == "PROPERTY_VALUE_NORMALIZED"


def test_only_the_newest_version_keeps_the_portals_own_rules(
    hubspot: ServedPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(hubspot.portal.required_to_create, "companies", ("phone",))
    monkeypatch.setitem(hubspot.portal.required_if, "companies", {"country": ("state",)})
    sent = {"properties": {"name": "Umicore", "country": "Belgium"}}

    assert hubspot.call("POST", COMPANIES, sent)[0] == 201
    status, body = hubspot.call("POST", f"{NEWEST}/companies", sent)

    expected = {"phone": "MISSING_REQUIRED_PROPERTY", "state": "MISSING_CONDITIONAL_REQUIRED_PROPERTY"}
    assert (status, codes(body)) == (400, expected)


def test_a_lifecycle_stage_goes_back_only_by_way_of_empty(hubspot: ServedPortal) -> None:
    record = hubspot.add(name="Umicore", lifecyclestage="customer")

    def set_stage(stage: str) -> str | None:
        status, body = hubspot.call("PATCH", f"{COMPANIES}/{record}", {"properties": {"lifecyclestage": stage}})
        return body["properties"]["lifecyclestage"] if status == 200 else None

    assert [set_stage(stage) for stage in ("lead", "", "lead")] == ["customer", None, "lead"]


def test_closing_a_deal_sets_what_follows_from_it(hubspot: ServedPortal) -> None:
    deal = hubspot.add("deals", dealname="Pilot", pipeline="default", dealstage="contractsent")

    hubspot.call("PATCH", f"{OLD}/deals/{deal}", {"properties": {"dealstage": "closedwon"}})

    names = "closedate,hs_is_closed_won,hs_deal_stage_probability"
    found = hubspot.call("GET", f"{OLD}/deals/{deal}?properties={names}")[1]["properties"]
    assert (found["hs_is_closed_won"], found["hs_deal_stage_probability"]) == ("true", "1.0")
    assert found["closedate"].endswith("Z")


def test_an_address_and_a_key_are_unique(hubspot: ServedPortal) -> None:
    contact = hubspot.add("contacts", email="mei@umicore.example")
    hubspot.add(name="Umicore", countersign_key="k")

    status, body = hubspot.call("POST", f"{OLD}/contacts", {"properties": {"email": "MEI@umicore.example"}})
    assert (status, body["message"]) == (409, f"Contact already exists. Existing ID: {contact}")
    status, body = hubspot.call("POST", COMPANIES, {"properties": {"name": "Solvay", "countersign_key": "k"}})
    assert (status, codes(body)) == (400, {"countersign_key": "CONFLICTING_UNIQUE_VALUE"})
    assert hubspot.call("GET", f"{COMPANIES}/k?idProperty=countersign_key")[1]["properties"]["name"] == "Umicore"
    assert hubspot.call("GET", f"{COMPANIES}/Umicore?idProperty=name")[0] == 404


def test_a_merged_id_leads_to_the_survivor_and_is_left_out_of_batches(hubspot: ServedPortal) -> None:
    kept, gone = hubspot.add(name="Umicore"), hubspot.add(name="Umicore NV", city="Brussels")
    hubspot.call("POST", f"{COMPANIES}/merge", {"primaryObjectId": kept, "objectIdToMerge": gone})

    assert hubspot.call("GET", f"{COMPANIES}/{gone}")[1]["id"] == kept
    inputs = [{"id": kept, "properties": {"city": "Ghent"}}, {"id": gone, "properties": {"city": "Ghent"}}]
    status, body = hubspot.call("POST", f"{COMPANIES}/batch/update", {"inputs": inputs})
    assert (status, [item["id"] for item in body["results"]]) == (200, [kept])


def test_a_create_batch_without_trace_ids_is_all_or_nothing(hubspot: ServedPortal) -> None:
    inputs = [{"properties": {"name": "Umicore"}}, {"properties": {"name": "Solvay", "industry": "WITCHCRAFT"}}]

    assert hubspot.call("POST", f"{COMPANIES}/batch/create", {"inputs": inputs})[0] == 400
    assert hubspot.portal.journal.count == 0
    assert hubspot.call("POST", f"{COMPANIES}/batch/read", {"inputs": [{"id": "1"}] * 101})[0] == 400


def test_the_index_lags_and_has_caps(hubspot: ServedPortal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubspot.portal.index, "delay_seconds", 30.0)
    hubspot.add(name="Umicore")

    def find(**asked: Any) -> tuple[int, Any]:
        return hubspot.call("POST", f"{COMPANIES}/search", asked)

    assert find()[1]["total"] == 0
    hubspot.portal.clock.advance(31)
    assert find()[1]["total"] == 1
    status, body = find(filterGroups=[{"filters": []}] * 6)
    assert (status, body["message"]) == (400, "too many filterGroups (count: 6, max allowed: 5)")
    assert find(limit=201)[0] == find(after="9999")[0] == 400


def test_limits_are_told_and_kept() -> None:
    portal = Portal(allowance=Allowance(per_ten_seconds=3, searches_per_second=1, per_day=6))
    with serve_in_thread(HubSpotSimulator(portal)) as served:
        hubspot = ServedPortal(portal, served.url)
        policies = [hubspot.call("GET", COMPANIES)[1].get("policyName") for _ in range(4)]
        portal.clock.advance(11)
        searches = [hubspot.call("POST", f"{COMPANIES}/search", {})[1].get("policyName") for _ in range(2)]
        portal.clock.advance(11)
        rest = [hubspot.call("GET", COMPANIES)[1].get("policyName") for _ in range(3)]

    assert policies == [None, None, None, "TEN_SECONDLY_ROLLING"]
    assert searches == [None, "SECONDLY"]
    assert rest == [None, None, "DAILY"]


@pytest.mark.parametrize(
    ("token", "status", "category"),
    [("nobody", 401, "INVALID_AUTHENTICATION"), (READ_ONLY_TOKEN, 403, "MISSING_SCOPES")],
)
def test_tokens_open_what_they_may(hubspot: ServedPortal, token: str, status: int, category: str) -> None:
    found, body = hubspot.call("POST", COMPANIES, {"properties": {"name": "Umicore"}}, token=token)

    assert (found, body["category"]) == (status, category)


@pytest.mark.parametrize(
    ("fault", "status", "is_applied"),
    [
        ("status=502", 502, False),
        ("status=423", 423, False),
        ("limit=DAILY", 429, False),
        ("status_after=524", 524, True),
        ("latency=1", 200, True),
        ("slow_body=1", 200, True),
        ("drop_after", None, True),
        ("drop_before", None, False),
    ],
)
def test_faults_on_order_leave_the_truth_in_the_journal(
    hubspot: ServedPortal, fault: str, status: int | None, is_applied: bool
) -> None:
    record = hubspot.add(name="Umicore")
    sent = {"properties": {"city": "Brussels"}}

    try:
        found, _ = hubspot.call("PATCH", f"{COMPANIES}/{record}", sent, **{"X-Simulate": fault})
    except urllib3.exceptions.ProtocolError:
        found = None

    assert found == status
    assert hubspot.writes(record) == ([{"city": "Brussels"}] if is_applied else [])


def test_a_crm_that_lies_with_200(hubspot: ServedPortal) -> None:
    record = hubspot.add(name="Umicore", city="Ghent")
    hubspot.portal.faults.plan("ignore=city", method="PATCH")
    hubspot.portal.faults.plan("normalise", method="PATCH")

    for city in ("Brussels", "Brussels"):
        assert hubspot.call("PATCH", f"{COMPANIES}/{record}", {"properties": {"city": city}})[0] == 200

    assert hubspot.writes(record) == [{}, {"city": "BRUSSELS"}]


def test_opting_out_belongs_to_the_address(hubspot: ServedPortal) -> None:
    base = "/communication-preferences/2026-09/statuses/mei@umicore.example"

    before = hubspot.call("GET", f"{base}/unsubscribe-all?channel=EMAIL")[1]["results"]
    hubspot.call("POST", f"{base}/unsubscribe-all?channel=EMAIL", {})

    assert before == []
    statuses = hubspot.call("GET", f"{base}?channel=EMAIL")[1]["results"]
    assert {item["status"] for item in statuses} == {"UNSUBSCRIBED"}


def test_enrolling_is_possible_once_and_never_undone(hubspot: ServedPortal) -> None:
    contact = hubspot.add("contacts", email="mei@umicore.example")
    sent = {"sequenceId": "501", "contactId": contact, "senderEmail": "ana.duarte@example.com"}

    assert hubspot.call("POST", "/automation/v4/sequences/enrollments?userId=1", sent)[0] == 200
    assert hubspot.call("POST", "/automation/sequences/2026-09/enrollments?userId=1", sent)[0] == 400
    assert hubspot.call("GET", f"/automation/v4/sequences/enrollments/contact/{contact}")[1]["sequenceId"] == "501"
    assert hubspot.writes(contact) == [{"sequenceId": "501"}]


def test_the_signature_undoes_some_escapes_of_the_address() -> None:
    signed = sign_v3(
        "test-client-secret",
        method="POST",
        uri="https://gov.example.com/hooks/hubspot?tenant=a%2Fb",
        body='[{"eventId":1}]',
        timestamp="1763690000000",
    )

    assert signed == "f5q/YLAQnULrJMef+eRv9f3oOUYlYiP0lfktkEfarUw="


def test_a_person_sees_history_and_edits(hubspot: ServedPortal) -> None:
    record = hubspot.add(name="<b>Umicore</b>", lifecyclestage="customer")
    page = f"{hubspot.url}/records/companies/{record}"

    with urllib3.PoolManager(retries=False) as pool:
        sent = {"property": "lifecyclestage", "value": "lead"}
        assert pool.request("POST", page, fields=sent, encode_multipart=False, redirect=False).status == 303
        foreign = pool.request("POST", page, fields=sent, headers={"Origin": "https://evil.example"})
        wrong = pool.request("POST", page, fields={"property": "industry", "value": "x"}, encode_multipart=False)
        shown = pool.request("GET", page).data.decode()
        listed = [pool.request("GET", hubspot.url + path).status for path in ("/", "/records/companies", "/records/x")]

    assert (foreign.status, wrong.status, listed) == (403, 400, [200, 200, 404])
    assert "CRM_UI userId:9500001" in shown
    assert "&lt;b&gt;Umicore&lt;/b&gt;" in shown


def test_a_portal_is_kept_in_a_file(tmp_path: Path) -> None:
    portal, again = Portal(), Portal()
    record = portal.add("companies", {"name": "Umicore"}, MIGRATION)
    portal.change(record, {"city": "Brussels"}, PERSON)
    save_portal(portal, tmp_path / "portal.json")

    assert load_portal(again, tmp_path / "portal.json")
    found = again.find("companies", record.id)
    assert (found.values["city"], found.history["city"][0].source) == ("Brussels", PERSON)
    assert again.add("companies", {}, MIGRATION).id != record.id
    assert not load_portal(again, tmp_path / "nothing.json")


def test_the_demonstrations_companies_are_in_it() -> None:
    portal = make_hubspot(companies=12, seed=3).portal

    assert len(portal.records["companies"]) == 12
    assert portal.journal.count == 0
    contact = next(iter(portal.records["contacts"].values()))
    assert portal.associations.of(("contacts", contact.id), "companies")
    for object_type, records in portal.records.items():
        names = {name for record in records.values() for name in record.values}
        assert names <= set(portal.definitions[object_type])
