"""Reads of the embedded CRM cost the same for one record and for a thousand."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from audit.selectors.clock import get_now
from crm_connectors.embedded.connector import EmbeddedConnector
from crm_connectors.models import CrmField, CrmObject
from crm_connectors.services.demo_data import load_demo_records
from tests.builders.crm_connectors import make_embedded_connection

pytestmark = pytest.mark.django_db
FIELDS = ["name", "industry", "ai_source", "country"]


def count_queries(call: Callable[[], Any]) -> int:
    with CaptureQueriesContext(database) as queries:
        call()
    return len(queries)


@pytest.fixture
def connection_id() -> UUID:
    key = make_embedded_connection()
    load_demo_records(connection_id=key, companies=300, seed=1, now=get_now())
    return key


def test_one_record_is_one_query(connection_id: UUID) -> None:
    connector = EmbeddedConnector(connection_id)

    assert count_queries(lambda: connector.read(object_type="companies", record_id="101", fields=FIELDS)) == 1
    assert count_queries(lambda: connector.read(object_type="companies", record_id="101", fields=[])) == 1


@pytest.mark.parametrize("wanted", [1, 200])
def test_a_page_costs_the_same_whatever_its_size(connection_id: UUID, wanted: int) -> None:
    connector = EmbeddedConnector(connection_id)
    filters = {"industry": None, "numberofemployees": None}

    def search() -> None:
        connector.search(object_type="companies", filters=filters, fields=FIELDS, limit=wanted, after="150")

    assert count_queries(search) == 2


@pytest.mark.parametrize("wanted", [1, 300, 50_000])
def test_many_records_cost_the_same_whatever_their_number(connection_id: UUID, wanted: int) -> None:
    connector = EmbeddedConnector(connection_id)
    record_ids = [str(number) for number in range(101, 101 + wanted)]
    found: dict[str, Any] = {}

    def read() -> None:
        found.update(connector.read_many(object_type="companies", record_ids=record_ids, fields=FIELDS))

    assert count_queries(read) == 1
    assert len(found) == min(wanted, 300)


def test_a_page_never_holds_more_than_200(connection_id: UUID) -> None:
    page = EmbeddedConnector(connection_id).search(
        object_type="companies", filters={}, fields=["name"], limit=10_000, after=""
    )

    assert len(page.records) == 200
    assert page.after == page.records[-1].id


def test_a_field_called_like_a_lookup_stays_a_field(connection_id: UUID) -> None:
    companies = CrmObject.objects.get(connection_id=connection_id, name="companies")
    CrmField.objects.create(crm_object=companies, name="contains", label="Contains", field_type="string")

    page = EmbeddedConnector(connection_id).search(
        object_type="companies", filters={"contains": "a"}, fields=["name"], limit=5, after=""
    )

    assert page.records == ()
