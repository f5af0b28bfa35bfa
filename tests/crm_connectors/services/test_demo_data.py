"""The demonstration's CRM: real companies, half filled in, invented people, valid throughout."""

from datetime import UTC, datetime
from typing import Any

import pytest

from crm_connectors.domain.field_value import find_complaints
from crm_connectors.models import CrmFieldChange, CrmRecord
from crm_connectors.selectors.embedded_schema import get_schema
from crm_connectors.services.company_facts import iter_company_facts
from crm_connectors.services.demo_data import load_demo_records
from tests.builders.crm_connectors import make_embedded_connection

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)


def load(slug: str, *, companies: int = 120, seed: int = 7) -> list[dict[str, Any]]:
    connection_id = make_embedded_connection(slug)
    load_demo_records(connection_id=connection_id, companies=companies, seed=seed, now=NOW)
    rows = CrmRecord.objects.filter(crm_object__connection_id=connection_id)
    return list(
        rows.order_by("crm_object__name", "number").values("crm_object__name", "number", "values", "created_at")
    )


def of_kind(rows: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [row["values"] for row in rows if row["crm_object__name"] == kind]


def test_the_same_seed_tells_the_same_story_and_another_seed_another() -> None:
    assert load("one") == load("two")
    assert load("three", seed=8) != load("four")


def test_every_loaded_value_would_pass_the_crms_own_validation() -> None:
    rows = load("valid", companies=400)
    schema = get_schema(CrmRecord.objects.select_related("crm_object").first().crm_object.connection_id)  # type: ignore[union-attr]
    fields = {item.name: {field.name: field for field in item.fields} for item in schema.objects}

    complaints = [
        (row["crm_object__name"], row["number"], name, complaint)
        for row in rows
        for name, complaint in find_complaints(fields[row["crm_object__name"]], row["values"], is_new=True).items()
        if complaint != "is read-only"
    ]

    assert complaints == []


def test_records_are_incomplete_and_partly_stale() -> None:
    companies = of_kind(load("gaps", companies=400), "companies")
    published = {facts.name: facts for facts in iter_company_facts()}

    assert len(companies) == 400
    for field in ("industry", "numberofemployees", "country", "owner", "website"):
        filled = sum(field in values for values in companies)
        assert 40 < filled < 390, field
    stale = [
        values
        for values in companies
        if "numberofemployees" in values
        and f"{values['numberofemployees']:,}" not in str(published[values["name"]].employees)
    ]
    assert len(stale) > 40


def test_nobody_in_it_can_be_written_to() -> None:
    rows = load("invented")

    addresses = [values["email"] for kind in ("contacts", "leads") for values in of_kind(rows, kind)]
    assert len(addresses) > 100
    assert all(address.endswith((".example", "@example.com")) for address in addresses)
    owners = {values["owner"] for kind in ("companies", "deals") for values in of_kind(rows, kind) if "owner" in values}
    assert all(owner.endswith("@example.com") for owner in owners)


def test_deals_lack_next_steps_and_leads_lack_owners() -> None:
    rows = load("work", companies=300)

    deals, leads = of_kind(rows, "deals"), of_kind(rows, "leads")
    assert len({values["dealstage"] for values in deals}) >= 5
    assert any("next_step" not in values for values in deals)
    assert any("next_step" in values for values in deals)
    assert len(leads) == 50
    assert not any("owner" in values for values in leads)
    assert {values["lead_source"] for values in leads} == {"inbound_web", "event", "referral"}


def test_loading_again_changes_nothing() -> None:
    connection_id = make_embedded_connection()
    first = load_demo_records(connection_id=connection_id, companies=20, seed=1, now=NOW)
    again = load_demo_records(connection_id=connection_id, companies=20, seed=2, now=NOW)

    assert first["companies"] == 20
    assert set(again.values()) == {0}
    assert CrmRecord.objects.count() == sum(first.values())


def test_the_import_stands_in_the_history() -> None:
    load("history", companies=5)

    assert set(CrmFieldChange.objects.values_list("actor", flat=True)) == {"list import"}


def test_the_published_facts_come_with_their_sources() -> None:
    facts = list(iter_company_facts())

    assert len(facts) > 1800
    assert sum(item.source_url is not None for item in facts) > 1600
