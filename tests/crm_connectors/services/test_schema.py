"""The starter schema, and how the registry hears of a change (REG-01, REG-02)."""

import pytest

from audit.selectors.clock import get_now
from crm_connectors.models import CrmField
from crm_connectors.services.connectors import get_connector
from crm_connectors.services.embedded_schema import install_embedded_schema
from crm_connectors.services.schema_sync import sync_schema
from governance.models import RegisteredField
from tests.builders.crm_connectors import make_embedded_connection

pytestmark = pytest.mark.django_db

REVENUE_20 = {
    "Lead Source": "companies.lead_source",
    "Lifecycle Stage": "companies.lifecyclestage",
    "Lead Status": "contacts.lead_status",
    "Owner": "companies.owner",
    "Territory": "companies.territory",
    "Industry": "companies.industry",
    "Employee count": "companies.numberofemployees",
    "Annual revenue band": "companies.annual_revenue_band",
    "ICP Fit Score": "companies.icp_fit_score",
    "Intent Score": "companies.intent_score",
    "Last activity date": "deals.last_activity_date",
    "Next step": "deals.next_step",
    "Next meeting date": "deals.next_meeting_date",
    "Opportunity stage": "deals.dealstage",
    "Amount": "deals.amount",
    "Close date": "deals.closedate",
    "Forecast category": "deals.forecast_category",
    "Loss reason": "deals.loss_reason",
    "Primary competitor": "deals.primary_competitor",
    "Buying committee coverage": "deals.buying_committee_coverage",
}


def described(connection_id: object) -> set[str]:
    schema = get_connector(connection_id).describe()  # type: ignore[arg-type]
    return {f"{item.name}.{field.name}" for item in schema.objects for field in item.fields}


def test_every_one_of_the_revenue_20_has_its_field() -> None:
    assert len(REVENUE_20) == 20
    assert set(REVENUE_20.values()) <= described(make_embedded_connection())


def test_suggestion_and_provenance_fields_are_there() -> None:
    names = described(make_embedded_connection())

    assert {"companies.lifecyclestage_suggestion", "deals.agent_suggested_next_step"} <= names
    for provenance in ("ai_last_action_at", "ai_source", "ai_confidence", "ai_change_reason"):
        assert {f"{kind}.{provenance}" for kind in ("companies", "contacts", "deals")} <= names


def test_installing_again_leaves_a_persons_changes_alone() -> None:
    connection_id = make_embedded_connection()
    CrmField.objects.filter(name="industry").update(label="Sector", options=[["Tea", "Tea"]])
    CrmField.objects.filter(crm_object__name="deals", name="loss_reason").delete()

    added = install_embedded_schema(connection_id=connection_id, now=get_now())

    assert added == 1
    assert set(CrmField.objects.filter(name="industry").values_list("label", flat=True)) == {"Sector"}


def test_the_registry_hears_of_new_and_changed_fields() -> None:
    connection_id = make_embedded_connection()
    sync_schema(connection_id=connection_id, now=get_now())
    known = RegisteredField.objects.filter(connection_id=connection_id)
    assert known.count() == len(described(connection_id))
    assert set(known.values_list("review_state", flat=True)) == {"unreviewed"}
    known.update(review_state="reviewed")

    field = CrmField.objects.get(crm_object__name="companies", name="industry")
    field.options = [*field.options, ["Tea", "Tea"]]
    field.save()
    CrmField.objects.create(crm_object=field.crm_object, name="tea_kind", label="Kind of tea", field_type="string")
    sync_schema(connection_id=connection_id, now=get_now())

    unreviewed = known.filter(review_state="unreviewed")
    assert {f"{row.object_type}.{row.name}" for row in unreviewed} == {"companies.industry", "companies.tea_kind"}
