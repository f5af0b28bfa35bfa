"""What a portal's schema becomes, and what every version's paths are (CON-01, REG-01)."""

import pytest

from crm_connectors.hubspot.paths import path_of
from crm_connectors.port import NotFoundError
from crm_connectors.simulators.hubspot.records import Source
from governance.domain.vocabulary import FieldType
from tests.crm_connectors.hubspot.conftest import HubSpotCrm


def test_stages_of_pipelines_are_options(crm: HubSpotCrm) -> None:
    deals = {item.name: item for item in crm.connect(objects="deals").describe().objects}["deals"]
    fields = {field.name: field for field in deals.fields}

    assert fields["pipeline"].options == ("default",)
    assert "closedwon" in fields["dealstage"].options
    assert fields["dealstage"].option_labels["closedwon"] == "Closed Won"
    assert fields["pipeline"].option_labels == {"default": "Sales Pipeline"}
    assert fields["closedate"].type == FieldType.DATETIME
    assert fields["hubspot_owner_id"].type == FieldType.REFERENCE
    assert fields["hs_is_closed"].is_read_only


def test_only_the_named_objects_are_served(crm: HubSpotCrm) -> None:
    contact = crm.served.add("contacts", email="mei@umicore.example")

    with pytest.raises(NotFoundError):
        crm.connect(objects="companies").read(object_type="contacts", record_id=contact, fields=["email"])


@pytest.mark.parametrize(
    ("source", "actor"),
    [
        (Source(type="INTEGRATION", id="7"), "integration:7"),
        (Source(type="AUTOMATION_PLATFORM", id="enrollmentId:5"), "workflow:enrollmentId:5"),
        (Source(type="IMPORT", id="1"), "import:1"),
        (Source(type="CALCULATED", id=""), "system:"),
        (Source(type="CRM_UI", id="userId:77", user_id=77), "user:77"),
        (Source(type="FORM", id="9"), "form:9"),
    ],
)
def test_history_names_machines_as_machines_and_others_as_people(crm: HubSpotCrm, source: Source, actor: str) -> None:
    record_id, portal = crm.make(name="Umicore"), crm.served.portal
    portal.change(portal.find("companies", record_id), {"city": "Ghent"}, source)

    (entry,) = crm.connect().history(object_type="companies", record_id=record_id, fields=["city"])

    assert (entry.actor, entry.after, entry.operation_key) == (actor, "Ghent", "")


@pytest.mark.parametrize(
    ("area", "version", "path"),
    [
        ("objects", "v3", "/crm/v3/objects/companies/1"),
        ("objects", "2026-09", "/crm/objects/2026-09/companies/1"),
        ("properties", "2026-03", "/crm/properties/2026-03/companies/1"),
        ("oauth", "v3", "/oauth/v1/companies/1"),
        ("account", "2026-09", "/account-info/2026-09/companies/1"),
    ],
)
def test_the_version_sits_where_its_area_has_it(area: str, version: str, path: str) -> None:
    assert path_of(area, version, "companies", "1") == path


def test_a_part_of_a_path_leads_nowhere_else() -> None:
    assert path_of("objects", "v3", "../owners", "1?a=b") == "/crm/v3/objects/..%2Fowners/1%3Fa%3Db"
