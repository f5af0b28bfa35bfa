"""What the embedded CRM does beyond the common contract: keys, associations, its own transaction (CON-03, EXE-02)."""

import pytest
from django.db import OperationalError, transaction

from audit.selectors.clock import get_now
from crm_connectors.domain.guarantee import Guarantee
from crm_connectors.embedded.transaction import open_transaction
from crm_connectors.models import AppliedOperation, CrmFieldChange, CrmRecord
from crm_connectors.port import ConflictError, NotFoundError, RejectedError, TransientError
from crm_connectors.services.connectors import get_connector
from crm_connectors.services.embedded_edit import edit_record
from governance.models import Connection, Workspace
from tests.builders.crm_connectors import make_embedded_connection, make_operation, make_record


@pytest.mark.django_db
def test_ids_are_readable_and_count_up_per_object() -> None:
    connection_id = make_embedded_connection()

    assert [make_record(connection_id), make_record(connection_id)] == ["101", "102"]
    assert make_record(connection_id, "deals") == "101"


@pytest.mark.django_db
def test_every_verb_is_class_a() -> None:
    connector = get_connector(make_embedded_connection())

    assert {connector.guarantee(make_operation("101", verb)) for verb in ("update", "create", "archive")} == {
        Guarantee.EXACTLY_ONCE
    }


@pytest.mark.django_db
def test_a_key_serves_one_operation_only() -> None:
    connection_id = make_embedded_connection()
    connector = get_connector(connection_id)
    record_id = make_record(connection_id)
    connector.send(make_operation(record_id, values={"industry": "Software"}, operation_key="k"))
    other = make_operation(record_id, values={"industry": "Retail"}, operation_key="k")

    with pytest.raises(RejectedError, match="key"):
        connector.send(other)
    with pytest.raises(RejectedError, match="key"):
        connector.find_operation(other)

    record = connector.read(object_type="companies", record_id=record_id, fields=["industry"])
    assert record.values == {"industry": "Software"}


@pytest.mark.django_db
def test_a_key_of_one_connection_says_nothing_about_another() -> None:
    here, there = make_embedded_connection("here"), make_embedded_connection("there")
    operation = make_operation(None, "create", values={"name": "Umicore"}, operation_key="k")
    get_connector(here).send(operation)

    assert get_connector(there).find_operation(operation) is None
    assert not get_connector(there).send(operation).is_repeat


@pytest.mark.django_db
def test_one_connection_never_sees_another_ones_records() -> None:
    here, there = make_embedded_connection("here"), make_embedded_connection("there")
    record_id = make_record(here, name="Secret")

    with pytest.raises(NotFoundError):
        get_connector(there).read(object_type="companies", record_id=record_id, fields=["name"])
    with pytest.raises(NotFoundError):
        get_connector(there).send(make_operation(record_id, values={"name": "Mine"}))
    page = get_connector(there).search(object_type="companies", filters={}, fields=["name"], limit=9, after="")
    assert page.records == ()


@pytest.mark.django_db
def test_an_operation_without_a_key_or_with_an_unknown_verb_is_refused() -> None:
    connection_id = make_embedded_connection()
    record_id = make_record(connection_id)

    with pytest.raises(RejectedError, match="key"):
        get_connector(connection_id).send(make_operation(record_id, operation_key=""))
    with pytest.raises(RejectedError, match="explode"):
        get_connector(connection_id).send(make_operation(record_id, "explode"))
    assert not AppliedOperation.objects.exists()


@pytest.mark.django_db
def test_all_complaints_come_at_once_and_repeat_no_value() -> None:
    connection_id = make_embedded_connection()
    record_id = make_record(connection_id)
    wrong = {"industry": "Witchcraft", "numberofemployees": "many", "name": None, "last_activity_date": "2026-01-01"}

    with pytest.raises(RejectedError) as caught:
        get_connector(connection_id).send(make_operation(record_id, values=wrong))

    assert set(caught.value.errors) == set(wrong)
    assert "Witchcraft" not in str(caught.value)


@pytest.mark.django_db
def test_a_reference_must_name_a_living_record() -> None:
    connection_id = make_embedded_connection()
    connector = get_connector(connection_id)
    company_id = make_record(connection_id)
    deal_id = make_record(connection_id, "deals", company=company_id)

    for nobody in ("999", "acme", "0101"):
        with pytest.raises(RejectedError, match="company"):
            connector.send(make_operation(deal_id, object_type="deals", values={"company": nobody}))
    connector.send(make_operation(company_id, "archive"))
    with pytest.raises(RejectedError, match="company"):
        make_record(connection_id, "deals", company=company_id)


@pytest.mark.django_db
def test_a_task_belongs_to_its_record() -> None:
    connection_id = make_embedded_connection()
    connector = get_connector(connection_id)
    deal_id = make_record(connection_id, "deals")

    connector.send(
        make_operation(
            None, "create", "tasks", values={"subject": "Call", "status": "open"}, association=("deals", deal_id)
        )
    )

    page = connector.search(
        object_type="tasks",
        filters={"associated_object": "deals", "associated_id": deal_id},
        fields=["subject"],
        limit=5,
        after="",
    )
    assert [record.values["subject"] for record in page.records] == ["Call"]


@pytest.mark.django_db
@pytest.mark.parametrize("association", [("deals", "999"), ("starships", "101"), ("deals", "x")])
def test_nothing_is_made_for_a_record_that_does_not_exist(association: tuple[str, str]) -> None:
    connection_id = make_embedded_connection()

    with pytest.raises(NotFoundError):
        get_connector(connection_id).send(
            make_operation(None, "create", "tasks", values={"subject": "Call"}, association=association)
        )

    assert not CrmRecord.objects.exists()


@pytest.mark.django_db
def test_writing_what_is_there_already_is_no_change() -> None:
    connection_id = make_embedded_connection()
    record_id = make_record(connection_id, numberofemployees=12)
    changes = CrmFieldChange.objects.count()

    receipt = get_connector(connection_id).send(make_operation(record_id, values={"numberofemployees": 12}))

    assert receipt.version == "1"
    assert CrmFieldChange.objects.count() == changes


@pytest.mark.django_db(transaction=True)
def test_a_send_refuses_to_be_part_of_the_callers_transaction() -> None:
    connection_id = make_embedded_connection()
    record_id = make_record(connection_id)

    with pytest.raises(RuntimeError), transaction.atomic():
        get_connector(connection_id).send(make_operation(record_id, values={"industry": "Software"}))

    assert not AppliedOperation.objects.exists()


@pytest.mark.django_db
def test_a_database_failure_before_the_commit_is_provably_not_applied() -> None:
    with pytest.raises(TransientError), open_transaction():
        raise OperationalError("database is locked")


@pytest.mark.django_db
def test_a_person_with_an_old_page_does_not_overwrite() -> None:
    connection_id = make_embedded_connection()
    record_id = make_record(connection_id, industry="Software")
    get_connector(connection_id).send(make_operation(record_id, values={"industry": "Retail"}))

    with pytest.raises(ConflictError, match="changed since you opened it"):
        edit_record(
            connection_id=connection_id,
            object_type="companies",
            record_id=record_id,
            values={"industry": "Food"},
            actor="human:maya",
            now=get_now(),
            version="1",
        )


@pytest.mark.django_db
def test_a_crm_without_its_schema_is_not_healthy() -> None:
    workspace = Workspace.objects.create(slug="bare", name="Bare")
    bare = Connection.objects.create(workspace=workspace, name="embedded", kind="embedded", environment="sandbox")

    with pytest.raises(NotFoundError):
        get_connector(bare.pk).health()
