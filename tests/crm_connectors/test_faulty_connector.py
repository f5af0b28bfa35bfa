"""The double that fails on order does what it says, and leaves the CRM as it says."""

from uuid import UUID

import pytest

from crm_connectors.port import AmbiguousError, AuthError, Connector, LimitedError, TransientError
from crm_connectors.services.connectors import get_connector
from tests.builders.crm_connectors import make_embedded_connection, make_operation, make_record
from tests.doubles.faulty_connector import Fault, FaultySwitchboard, SimulatedCrash

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection_id() -> UUID:
    return make_embedded_connection()


@pytest.fixture
def board() -> FaultySwitchboard:
    return FaultySwitchboard()


@pytest.fixture
def faulty(connection_id: UUID, board: FaultySwitchboard) -> Connector:
    return board.wrap(get_connector(connection_id))


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault.TRANSIENT, (TransientError, False)),
        (Fault.LIMITED, (LimitedError, False)),
        (Fault.AUTH, (AuthError, False)),
        (Fault.TIMEOUT_WITHOUT_APPLY, (AmbiguousError, False)),
        (Fault.TIMEOUT_AFTER_APPLY, (AmbiguousError, True)),
        (Fault.CRASH_BEFORE_APPLY, (SimulatedCrash, False)),
        (Fault.CRASH_AFTER_APPLY, (SimulatedCrash, True)),
    ],
)
def test_a_failing_send(
    connection_id: UUID,
    board: FaultySwitchboard,
    faulty: Connector,
    fault: Fault,
    outcome: tuple[type[BaseException], bool],
) -> None:
    error, is_applied = outcome
    operation = make_operation(make_record(connection_id), values={"industry": "Software"})
    board.plan("send", fault)

    with pytest.raises(error):
        faulty.send(operation)

    assert (faulty.find_operation(operation) is not None) is is_applied
    assert board.count("send") == int(is_applied)
    assert faulty.send(operation).is_repeat is is_applied  # the plan is used up


@pytest.mark.parametrize(
    ("fault", "stored"),
    [
        (Fault.NORMALISE, {"city": "GENT", "numberofemployees": 3}),
        (Fault.IGNORE_FIELD, {"city": None, "numberofemployees": 3}),
        (Fault.SLOW, {"city": " Gent", "numberofemployees": 3}),
    ],
)
def test_a_send_that_says_all_is_well(
    connection_id: UUID, board: FaultySwitchboard, faulty: Connector, fault: Fault, stored: dict[str, object]
) -> None:
    record_id = make_record(connection_id)
    board.plan("send", fault, seconds=0)

    faulty.send(make_operation(record_id, values={"city": " Gent", "numberofemployees": 3}))

    read = faulty.read(object_type="companies", record_id=record_id, fields=["city", "numberofemployees"])
    assert read.values == stored


def test_faults_come_in_order_per_method_and_carry_what_was_planned(
    connection_id: UUID, board: FaultySwitchboard, faulty: Connector
) -> None:
    record_id = make_record(connection_id)
    board.plan("read", Fault.LIMITED, retry_after_seconds=7)
    board.plan("read", Fault.AUTH)

    def read() -> None:
        faulty.read(object_type="companies", record_id=record_id, fields=["name"])

    with pytest.raises(LimitedError) as limited:
        read()
    with pytest.raises(AuthError):
        read()
    read()
    assert limited.value.retry_after_seconds == 7
    assert board.count("read") == 1
