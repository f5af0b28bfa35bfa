"""Writers racing for one record or one key: one wins, nobody is lost, nothing is doubled (EXE-02)."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection as database

from crm_connectors.domain.record import Operation
from crm_connectors.models import AppliedOperation, CrmFieldChange, CrmRecord
from crm_connectors.port import ConflictError, RejectedError
from crm_connectors.services.connectors import get_connector
from tests.builders.crm_connectors import make_embedded_connection, make_operation, make_record

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS = 8


def race(connection_id: UUID, operations: list[Operation]) -> Counter[str]:
    """All operations at once, each from its own thread and database connection; how each one ended."""
    barrier = Barrier(len(operations))

    def attempt(operation: Operation) -> str:
        try:
            barrier.wait(timeout=30)
            receipt = get_connector(connection_id).send(operation)
        except (ConflictError, RejectedError) as error:
            return error.code
        finally:
            database.close()
        return "repeat" if receipt.is_repeat else "applied"

    with ThreadPoolExecutor(len(operations)) as pool:
        return Counter(pool.map(attempt, operations))


def repeat(make: Callable[[int], Operation]) -> list[Operation]:
    return [make(index) for index in range(WRITERS)]


def test_of_writers_with_the_same_version_exactly_one_wins() -> None:
    connection_id = make_embedded_connection()
    record_id = make_record(connection_id, numberofemployees=1)

    ended = race(
        connection_id,
        repeat(lambda index: make_operation(record_id, values={"numberofemployees": index + 100}, version="1")),
    )

    assert ended == {"applied": 1, "connector_conflict": WRITERS - 1}
    assert CrmRecord.objects.get().version == 2
    assert AppliedOperation.objects.count() == 1


def test_of_writers_with_the_same_before_value_exactly_one_wins() -> None:
    connection_id = make_embedded_connection()
    record_id = make_record(connection_id, numberofemployees=1)

    ended = race(
        connection_id,
        repeat(
            lambda index: make_operation(
                record_id, values={"numberofemployees": index + 100}, before={"numberofemployees": 1}
            )
        ),
    )

    assert ended == {"applied": 1, "connector_conflict": WRITERS - 1}


def test_one_operation_sent_by_many_is_applied_once() -> None:
    connection_id = make_embedded_connection()
    record_id = make_record(connection_id)
    operation = make_operation(record_id, values={"industry": "Software"})

    ended = race(connection_id, repeat(lambda _: operation))

    assert ended == {"applied": 1, "repeat": WRITERS - 1}
    assert CrmFieldChange.objects.filter(field="industry").count() == 1


def test_one_create_sent_by_many_makes_one_record() -> None:
    connection_id = make_embedded_connection()
    operation = make_operation(None, "create", values={"name": "Umicore"})

    ended = race(connection_id, repeat(lambda _: operation))

    assert ended == {"applied": 1, "repeat": WRITERS - 1}
    assert CrmRecord.objects.count() == 1


def test_many_creates_get_ids_of_their_own() -> None:
    connection_id = make_embedded_connection()

    ended = race(connection_id, repeat(lambda index: make_operation(None, "create", values={"name": f"No {index}"})))

    assert ended == {"applied": WRITERS}
    assert sorted(CrmRecord.objects.values_list("number", flat=True)) == list(range(101, 101 + WRITERS))


def test_one_key_on_two_objects_at_once_is_applied_to_one() -> None:
    connection_id = make_embedded_connection()
    company, note = (
        make_operation(None, "create", values={"name": "Umicore"}, operation_key="same"),
        make_operation(None, "create", "notes", values={"body": "Met"}, operation_key="same"),
    )

    ended = race(connection_id, [company, note])

    assert ended == {"applied": 1, "connector_rejected": 1}
    assert CrmRecord.objects.count() == 1
