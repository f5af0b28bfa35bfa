"""The registry follows the CRM's schema; what nobody reviewed denies (REG-01)."""

import json
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.domain.schema import FieldSchema, ObjectSchema, Schema
from governance.models import Connection, RegisteredField
from governance.selectors.closed_fields import list_closed_fields
from governance.services.config_changes import revert_config
from governance.services.registry import ReviewError, record_schema, review_fields
from tests.builders.governance import make_connection, make_field, make_workspace

pytestmark = pytest.mark.django_db
ROSA = Actor("human", "rosa")


def text(name: str, **changes: object) -> FieldSchema:
    values: dict[str, object] = {"label": name.capitalize(), "type": "string", **changes}
    return FieldSchema(name=name, **values)


def schema(*fields: FieldSchema) -> Schema:
    return Schema((ObjectSchema(name="companies", label="Companies", fields=fields),))


def sync(crm: Connection, *fields: FieldSchema) -> None:
    record_schema(connection_id=crm.pk, schema=schema(*fields), now=get_now())


def state(name: str) -> tuple[str, str]:
    row = RegisteredField.objects.get(name=name)
    return row.review_state, row.classification


def last_event() -> dict[str, object]:
    body: dict[str, object] = json.loads(bytes(LedgerEvent.objects.order_by("id").last().body))
    return body["data"]


def review(*ids: UUID, **changes: object) -> int:
    values: dict[str, object] = {"state": "reviewed", "classification": "enrichment", **changes}
    return review_fields(field_ids=ids, actor=ROSA, now=get_now(), **values)


def test_new_fields_arrive_unreviewed() -> None:
    crm = make_connection(make_workspace())
    sync(crm, text("industry", type="picklist", options=("IT", "Retail")))
    assert state("industry") == ("unreviewed", "unclassified")
    assert RegisteredField.objects.get().options == ["IT", "Retail"]
    assert last_event()["added"] == ["companies.industry"]


@pytest.mark.parametrize(
    "change",
    [
        {"type": "text"},
        {"type": "picklist", "options": ("IT",)},
        {"is_read_only": True},
        {"is_required": True},
        {"max_length": 10},
    ],
)
def test_a_changed_field_is_unreviewed_again_and_keeps_its_class(change: dict[str, object]) -> None:
    crm = make_connection(make_workspace())
    make_field(crm, "industry")
    sync(crm, text("industry", **change))
    assert state("industry") == ("unreviewed", "enrichment")
    assert last_event()["changed"] == ["companies.industry"]


def test_a_new_label_asks_nobody() -> None:
    crm = make_connection(make_workspace())
    make_field(crm, "industry")
    sync(crm, text("industry", label="Line of business"))
    assert state("industry") == ("reviewed", "enrichment")
    assert RegisteredField.objects.get().label == "Line of business"


def test_a_lost_field_is_gone_and_comes_back_unreviewed() -> None:
    crm = make_connection(make_workspace())
    make_field(crm, "industry")
    sync(crm)
    assert state("industry") == ("gone", "enrichment")
    assert last_event()["gone"] == ["companies.industry"]
    sync(crm, text("industry"))
    assert state("industry") == ("unreviewed", "enrichment")


def test_the_same_schema_again_is_no_event() -> None:
    crm = make_connection(make_workspace())
    sync(crm, text("industry"))
    sync(crm, text("industry"))
    assert LedgerEvent.objects.count() == 1
    assert RegisteredField.history.count() == 1


def test_another_connections_fields_are_left_alone() -> None:
    workspace = make_workspace()
    crm, other = make_connection(workspace), make_connection(workspace, "second")
    make_field(other, "industry")
    sync(crm, text("country"))
    assert state("industry") == ("reviewed", "enrichment")


def test_the_number_of_queries_does_not_grow_with_the_fields() -> None:
    workspace = make_workspace()
    counts = []
    for size in (3, 300):
        crm = make_connection(workspace, f"crm{size}")
        with CaptureQueriesContext(connection) as queries:
            sync(crm, *(text(f"field{number}") for number in range(size)))
        counts.append(len(queries))
    # PostgreSQL takes 500 rows a statement; SQLite fewer, for its limit of parameters
    assert counts[1] <= counts[0] + (0 if connection.vendor == "postgresql" else 12)


def test_a_review_opens_fields_and_is_recorded() -> None:
    crm = make_connection(make_workspace())
    sync(crm, text("industry"), text("country"))
    ids = RegisteredField.objects.values_list("pk", flat=True)
    assert review(*ids) == 2
    assert state("industry") == ("reviewed", "enrichment")
    assert last_event()["fields"] == ["companies.country", "companies.industry"]
    assert RegisteredField.history.filter(review_state="reviewed").count() == 2


def test_a_review_refuses_what_would_open_nothing_or_too_much() -> None:
    crm = make_connection(make_workspace())
    elsewhere = make_field(make_connection(make_workspace("other")), "country")
    unclassified = make_field(crm, "industry", review_state="unreviewed", classification="unclassified")
    gone = make_field(crm, "fax", review_state="gone")
    with pytest.raises(ReviewError, match="classify"):
        review(unclassified.pk, classification=None)
    with pytest.raises(ReviewError, match="gone from"):
        review(gone.pk)
    with pytest.raises(ReviewError, match="not for people"):
        review(unclassified.pk, state="gone")
    with pytest.raises(ReviewError, match="not a classification"):
        review(unclassified.pk, classification="harmless")
    with pytest.raises(ReviewError, match="one workspace"):
        review(unclassified.pk, elsewhere.pk)
    assert state("industry") == ("unreviewed", "unclassified")
    assert LedgerEvent.objects.count() == 0


def test_a_field_that_changed_is_noted_as_once_reviewed_and_a_review_of_its_class_alone_opens_it() -> None:
    """REG-01: what was never reviewed needs no closing; what was, is closed until a person looked."""
    crm = make_connection(make_workspace())
    make_field(crm, "industry")
    make_field(crm, "fresh", review_state="unreviewed")
    sync(crm, text("industry", type="text"), text("fresh", type="text"))
    assert [field.name for field in list_closed_fields(connection_id=crm.pk, object_type="companies")] == ["industry"]
    review(RegisteredField.objects.get(name="industry").pk)
    assert list_closed_fields(connection_id=crm.pk, object_type="companies") == ()


def test_setting_a_row_back_to_its_history_opens_nothing() -> None:
    crm = make_connection(make_workspace())
    field = make_field(crm, "industry", is_sensitive=False)
    field.is_sensitive = True
    field.save()
    sync(crm, text("industry", type="text"))
    first = RegisteredField.history.filter(name="industry").order_by("history_id").first()
    revert_config(model=RegisteredField, history_id=first.pk, workspace_id=crm.workspace_id, actor=ROSA, now=get_now())
    field.refresh_from_db()
    assert (field.is_sensitive, field.field_type, field.review_state) == (False, "text", "unreviewed")


def test_no_edit_of_the_row_brings_a_gone_field_back() -> None:
    crm = make_connection(make_workspace())
    field = make_field(crm, "industry", review_state="gone")
    field.review_state = "reviewed"
    with pytest.raises(ValidationError, match="only the CRM's schema"):
        field.full_clean()
