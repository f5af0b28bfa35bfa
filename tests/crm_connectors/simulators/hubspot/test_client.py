"""The vendor's own Python client, unchanged, works on the simulator (CON-07)."""

import pytest
from hubspot import HubSpot
from hubspot.crm.companies import (
    ApiException,
    BatchInputSimplePublicObjectBatchInput,
    BatchInputSimplePublicObjectBatchInputForCreate,
    BatchInputSimplePublicObjectBatchInputUpsert,
    BatchInputSimplePublicObjectId,
    BatchReadInputSimplePublicObjectId,
    PublicObjectSearchRequest,
    SimplePublicObjectBatchInput,
    SimplePublicObjectBatchInputForCreate,
    SimplePublicObjectBatchInputUpsert,
    SimplePublicObjectId,
    SimplePublicObjectInput,
    SimplePublicObjectInputForCreate,
)
from hubspot.crm.properties import PropertyCreate

from crm_connectors.simulators.hubspot.access import PRIVATE_TOKEN, READ_ONLY_TOKEN
from tests.doubles.hubspot_portal import ServedPortal


def connect(hubspot: ServedPortal, token: str = PRIVATE_TOKEN) -> HubSpot:
    return HubSpot(access_token=token, host=hubspot.url)


def test_a_company_is_made_read_changed_found_and_archived(hubspot: ServedPortal) -> None:
    companies = connect(hubspot).crm.companies

    made = companies.basic_api.create(
        SimplePublicObjectInputForCreate(properties={"name": "Umicore", "numberofemployees": "10224"}, associations=[])
    )
    read = companies.basic_api.get_by_id(
        made.id, properties=["name", "industry", "nope"], properties_with_history=["industry"]
    )
    assert (read.properties["name"], read.properties["industry"], "nope" in read.properties) == ("Umicore", None, False)
    assert made.created_at.tzinfo is not None

    companies.basic_api.update(made.id, SimplePublicObjectInput(properties={"industry": "CHEMICALS"}))
    hubspot.edit("companies", made.id, industry="RETAIL")
    changed = companies.basic_api.get_by_id(made.id, properties_with_history=["industry"])
    newest, first = changed.properties_with_history["industry"]
    assert (newest.value, newest.source_type, newest.updated_by_user_id) == ("RETAIL", "CRM_UI", 9500001)
    assert (first.value, first.source_type, first.source_id) == ("CHEMICALS", "INTEGRATION", "1000001")

    found = companies.search_api.do_search(
        PublicObjectSearchRequest(
            filter_groups=[{"filters": [{"propertyName": "industry", "operator": "EQ", "value": "RETAIL"}]}],
            properties=["name"],
            limit=10,
        )
    )
    assert (found.total, [item.id for item in found.results]) == (1, [made.id])
    assert [item.id for item in companies.get_all()] == [made.id]

    companies.basic_api.archive(made.id)
    with pytest.raises(ApiException) as caught:
        companies.basic_api.get_by_id(made.id)
    assert caught.value.status == 404
    assert companies.basic_api.get_by_id(made.id, archived=True).archived


def test_batches_are_partial(hubspot: ServedPortal) -> None:
    batch = connect(hubspot).crm.companies.batch_api
    first = hubspot.add(name="Umicore")

    read = batch.read(
        BatchReadInputSimplePublicObjectId(
            properties=["name"], properties_with_history=[], inputs=[{"id": first}, {"id": "9999"}]
        )
    )
    assert ([item.id for item in read.results], read.num_errors) == ([first], 1)
    assert read.errors[0].context["ids"] == ["9999"]

    inputs = [
        SimplePublicObjectBatchInput(id=first, properties={"city": "Brussels"}, object_write_trace_id="a"),
        SimplePublicObjectBatchInput(id="9999", properties={"city": "Ghent"}, object_write_trace_id="b"),
    ]
    changed = batch.update(BatchInputSimplePublicObjectBatchInput(inputs=inputs))
    assert [item.properties["city"] for item in changed.results] == ["Brussels"]
    assert changed.errors[0].context["objectWriteTraceId"] == ["b"]

    made = batch.create(
        BatchInputSimplePublicObjectBatchInputForCreate(
            inputs=[
                SimplePublicObjectBatchInputForCreate(
                    properties={"name": "Solvay"}, associations=[], object_write_trace_id="c"
                ),
                SimplePublicObjectBatchInputForCreate(
                    properties={"industry": "WITCHCRAFT"}, associations=[], object_write_trace_id="d"
                ),
            ]
        )
    )
    assert ([item.properties["name"] for item in made.results], made.num_errors) == (["Solvay"], 1)

    for is_new in (True, False):
        put = batch.upsert(
            BatchInputSimplePublicObjectBatchInputUpsert(
                inputs=[
                    SimplePublicObjectBatchInputUpsert(
                        id="k-1", id_property="countersign_key", properties={"name": "Bekaert"}
                    )
                ]
            )
        )
        assert put.results[0].new is is_new

    batch.archive(BatchInputSimplePublicObjectId(inputs=[SimplePublicObjectId(id=first)]))
    assert hubspot.writes(first, "archive") == [{}]


def test_schema_owners_pipelines_and_associations(hubspot: ServedPortal) -> None:
    client = connect(hubspot)
    company, contact = hubspot.add(name="Umicore"), hubspot.add("contacts", email="mei@umicore.example")

    properties = {item.name: item for item in client.crm.properties.core_api.get_all("companies").results}
    assert properties["notes_last_updated"].modification_metadata.read_only_value
    assert "CHEMICALS" in [option.value for option in properties["industry"].options]
    made = client.crm.properties.core_api.create(
        "companies",
        PropertyCreate(name="tier", label="Tier", type="string", field_type="text", group_name="information"),
    )
    assert made.name == "tier"
    client.crm.properties.core_api.archive("companies", "tier")

    owners = client.crm.owners.owners_api.get_page(limit=100).results
    assert owners[0].id != str(owners[0].user_id)
    stages = client.crm.pipelines.pipelines_api.get_all("deals").results[0].stages
    assert stages[-2].metadata == {"isClosed": "true", "probability": "1.0"}

    joining = client.crm.associations.v4.basic_api
    joining.create_default("contacts", contact, "companies", company)
    joined = joining.get_page("contacts", contact, "companies").results
    assert [(item.to_object_id, item.association_types[0].type_id) for item in joined] == [(company, 279)]
    joining.archive("contacts", contact, "companies", company)
    assert joining.get_page("companies", company, "contacts").results == []


def test_consent_outlives_the_contact(hubspot: ServedPortal) -> None:
    client = connect(hubspot)
    contact = hubspot.add("contacts", email="mei@umicore.example")

    preferences = client.communication_preferences.status_api
    preferences.unsubscribe({"emailAddress": "mei@umicore.example", "subscriptionId": "1001"})
    client.crm.contacts.basic_api.archive(contact)
    statuses = preferences.get_email_status("mei@umicore.example").subscription_statuses
    assert [item.status for item in statuses] == ["NOT_SUBSCRIBED", "NOT_SUBSCRIBED"]


def test_tokens_are_issued_expire_and_are_refused(hubspot: ServedPortal) -> None:
    client = connect(hubspot)
    tokens = client.oauth.tokens_api.create(
        grant_type="refresh_token",
        client_id="simulator-client",
        client_secret="simulator-secret",
        refresh_token="simulator-refresh",
    )
    assert tokens.expires_in == 1800
    fresh = connect(hubspot, tokens.access_token)
    assert list(fresh.crm.companies.basic_api.get_page().results) == []

    hubspot.portal.clock.advance(1801)
    with pytest.raises(ApiException) as expired:
        fresh.crm.companies.basic_api.get_page()
    assert (expired.value.status, "EXPIRED_AUTHENTICATION" in expired.value.body) == (401, True)

    with pytest.raises(ApiException) as refused:
        connect(hubspot, READ_ONLY_TOKEN).crm.companies.basic_api.create(
            SimplePublicObjectInputForCreate(properties={"name": "Umicore"}, associations=[])
        )
    assert (refused.value.status, "crm.objects.companies.write" in refused.value.body) == (403, True)
