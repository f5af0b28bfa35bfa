"""Several updates in one call of the embedded CRM: the same outcomes as one by one, by a few statements (CON-03)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.selectors.clock import get_now
from crm_connectors.domain.record import Receipt
from crm_connectors.models import CrmField, CrmFieldChange
from crm_connectors.port import ConflictError, ConnectorError, NotFoundError, RejectedError
from crm_connectors.services.connectors import get_connector
from crm_connectors.services.embedded_edit import edit_record
from tests.builders.crm_connectors import make_embedded_connection, make_operation, make_record

pytestmark = pytest.mark.django_db


def mixed(connection_id):
    """Operations of every fate; what is done to their records before."""
    good, same, moved, stale, wrong, gone, used = (make_record(connection_id, name=f"C{n}") for n in range(7))
    edit_record(
        connection_id=connection_id,
        object_type="companies",
        record_id=moved,
        values={"industry": "Retail"},
        actor="human:petra",
        now=get_now(),
    )
    connector = get_connector(connection_id)
    connector.send(make_operation(gone, "archive", operation_key="gone"))
    connector.send(make_operation(used, values={"industry": "Retail"}, operation_key="used"))
    connector.send(make_operation(used, values={"industry": "Software"}, operation_key="again"))
    return [
        (make_operation(good, values={"industry": "Software", "name": "New"}, operation_key="a"), Receipt),
        (make_operation(same, values={"name": "C1"}, operation_key="b"), Receipt),
        (make_operation(moved, values={"industry": "IT"}, before={"industry": None}, operation_key="c"), ConflictError),
        (make_operation(stale, values={"industry": "IT"}, version="77", operation_key="d"), ConflictError),
        (make_operation(wrong, values={"numberofemployees": "many"}, operation_key="e"), RejectedError),
        (make_operation(gone, values={"industry": "IT"}, operation_key="f"), NotFoundError),
        (make_operation("9999", values={"industry": "IT"}, operation_key="g"), NotFoundError),
        (make_operation("no id", values={"industry": "IT"}, operation_key="h"), NotFoundError),
        (make_operation(used, values={"industry": "Software"}, operation_key="again"), Receipt),
    ]


def alone(connector, operation):
    try:
        return connector.send(operation)
    except ConnectorError as error:
        return error


def told(outcome):
    return outcome if isinstance(outcome, Receipt) else (type(outcome), str(outcome))


def state(connector):
    records = connector.read_many(
        object_type="companies", record_ids=[str(number) for number in range(101, 108)], fields=["name", "industry"]
    )
    return {record_id: (record.version, record.values) for record_id, record in records.items()}


def history(connection_id):
    rows = CrmFieldChange.objects.filter(record__crm_object__connection_id=connection_id)
    return sorted(map(repr, rows.values_list("record__number", "field", "before", "after", "actor", "operation_key")))


def test_each_meets_what_it_would_meet_alone():
    here, there = make_embedded_connection("here"), make_embedded_connection("there")
    together, singly = mixed(here), mixed(there)

    met = get_connector(here).send_many([operation for operation, _ in together])
    known = {operation.operation_key: alone(get_connector(there), operation) for operation, _ in singly}

    assert [type(met[operation.operation_key]) for operation, _ in together] == [kind for _, kind in together]
    assert {key: told(one) for key, one in met.items()} == {key: told(one) for key, one in known.items()}
    assert met["again"].is_repeat
    assert state(get_connector(here)) == state(get_connector(there))
    assert history(here) == history(there)


def test_a_key_of_another_operation_is_refused_and_keeps_no_other_back():
    connection_id = make_embedded_connection()
    first, second = make_record(connection_id), make_record(connection_id)
    connector = get_connector(connection_id)
    connector.send(make_operation(first, values={"industry": "Retail"}, operation_key="k"))

    met = connector.send_many(
        [
            make_operation(second, values={"industry": "Retail"}, operation_key="k"),
            make_operation(first, values={"industry": "Software"}, operation_key="l"),
        ]
    )

    assert isinstance(met["k"], RejectedError)
    assert isinstance(met["l"], Receipt)


def test_a_reference_is_looked_up():
    connection_id = make_embedded_connection()
    records = [make_record(connection_id, "deals") for _ in range(2)]
    field = CrmField.objects.filter(
        crm_object__connection_id=connection_id, crm_object__name="deals", name="associated_company"
    ).first()
    field = (
        field
        or CrmField.objects.filter(
            crm_object__connection_id=connection_id, crm_object__name="deals", field_type="text", is_read_only=False
        ).first()
    )
    assert field is not None
    CrmField.objects.filter(pk=field.pk).update(reference_object="companies")
    company = make_record(connection_id)

    met = get_connector(connection_id).send_many(
        [
            make_operation(records[0], object_type="deals", values={field.name: company}, operation_key="a"),
            make_operation(records[1], object_type="deals", values={field.name: "9999"}, operation_key="b"),
        ]
    )

    assert (type(met["a"]), type(met["b"])) == (Receipt, RejectedError)


def count(number):
    connection_id = make_embedded_connection(f"c{number}")
    connector = get_connector(connection_id)
    operations = [
        make_operation(make_record(connection_id), values={"industry": "Software"}, operation_key=f"{number} {place}")
        for place in range(number)
    ]
    with CaptureQueriesContext(connection) as queries:
        assert len(connector.send_many(operations)) == number
    return len(queries)


def test_a_hundred_cost_what_two_cost():
    assert count(2) == count(100)
