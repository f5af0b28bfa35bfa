"""Many writes in one call: each has its own outcome, whatever HubSpot does with the others (CON-01, RVT-02)."""

from typing import Any

import pytest

from crm_connectors.domain.record import Operation, Receipt
from crm_connectors.port import (
    AloneError,
    AmbiguousError,
    BatchSender,
    ConnectorError,
    LimitedError,
    NotFoundError,
    RejectedError,
    TransientError,
)
from tests.builders.crm_connectors import make_operation
from tests.crm_connectors.hubspot.conftest import HubSpotCrm


def send(crm: HubSpotCrm, operations: list[Operation]) -> list[Receipt | ConnectorError]:
    connector = crm.connect()
    assert isinstance(connector, BatchSender)
    met = connector.send_many(operations)
    assert met.keys() == {one.operation_key for one in operations}
    return [met[one.operation_key] for one in operations]


def make_updates(crm: HubSpotCrm, count: int, **values: Any) -> list[Operation]:
    ids = [crm.make(name=f"Company {number}") for number in range(count)]
    return [make_operation(record_id, values=values or {"city": "Ghent"}) for record_id in ids]


def cities(crm: HubSpotCrm) -> list[str | None]:
    return [record.values.get("city") for record in crm.served.portal.records["companies"].values()]


def write_calls(crm: HubSpotCrm) -> list[str]:
    """What was asked of the portal that may have changed it, in order: a batch counts once."""
    return [f"{method} {path}" for method, path in crm.served.asked if "batch/read" not in path and method != "GET"]


def test_a_hundred_take_two_calls_and_are_applied_once(crm: HubSpotCrm) -> None:
    operations = make_updates(crm, 100)
    crm.connect().describe()
    crm.served.asked.clear()

    met = send(crm, operations)

    asked = list(crm.served.asked)
    assert {type(one) for one in met} == {Receipt}
    assert cities(crm) == ["Ghent"] * 100
    assert [len(crm.served.writes(str(one.record_id))) for one in operations] == [1] * 100
    assert crm.connect().find_operation(operations[-1]) is not None
    assert [path.rpartition("/")[2] for method, path in asked if method != "GET"] == ["read", "update"]


def test_what_goes_in_no_call_with_the_others_is_sent_by_none(crm: HubSpotCrm) -> None:
    """RVT-02: one gate, at most one write call: a stop pressed meanwhile finds nothing more on its way."""
    good, back, gone = make_updates(crm, 3)
    crm.edit_as_human(str(back.record_id), lifecyclestage="customer")
    back = make_operation(back.record_id, values={"lifecyclestage": "lead"})
    gone = make_operation(gone.record_id, "archive")
    new = make_operation(None, "create", values={"name": "New"})
    other = make_operation(crm.served.add("contacts", email="mei@umicore.example"), "update", "contacts")
    other = make_operation(other.record_id, "update", "contacts", values={"city": "Ghent"})
    crm.connect().describe()
    crm.served.asked.clear()

    met = send(crm, [back, gone, new, other, good, *make_updates(crm, 100)])

    assert [type(one) for one in met[:4]] == [AloneError] * 4
    assert isinstance(met[4], Receipt)
    assert [type(one) for one in met[5:]] == [Receipt] * 98 + [AloneError] * 2, "more than a call takes"
    assert len(write_calls(crm)) == 1
    assert [crm.connect().find_operation(one) for one in (gone, new, other)] == [None] * 3
    assert isinstance(crm.connect().send(back), Receipt)


@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_a_call_refused_as_a_whole_sends_no_other(crm: HubSpotCrm, status: int) -> None:
    operations = make_updates(crm, 3)
    crm.connect().describe()
    base = "/crm/v3/objects" if crm.version == "v3" else f"/crm/objects/{crm.version}"
    crm.served.portal.faults.plan(f"refuse={status}", method="POST", path=f"{base}/companies/batch/update")
    crm.served.asked.clear()

    met = send(crm, operations)

    assert {type(one) for one in met} == {AloneError}
    assert cities(crm) == [None] * 3
    assert len(write_calls(crm)) == 1


def test_a_record_that_is_left_out_without_a_word_is_open(crm: HubSpotCrm) -> None:
    operations = make_updates(crm, 3)
    crm.served.portal.faults.plan("omit", method="POST", path="/crm/v3/objects/companies/batch/update")
    crm.served.portal.faults.plan("omit", method="POST", path=f"/crm/objects/{crm.version}/companies/batch/update")

    first, second, third = send(crm, operations)

    assert isinstance(first, Receipt)
    assert isinstance(second, Receipt)
    assert isinstance(third, AmbiguousError)
    assert crm.connect().find_operation(operations[2]) is None


@pytest.mark.parametrize(
    ("fault", "kind", "is_applied"),
    [
        ("drop_after", AmbiguousError, True),
        ("status_after=504", AmbiguousError, True),
        ("status=500", AmbiguousError, False),
        ("status=408", AmbiguousError, False),
        ("status_after=400", AmbiguousError, True),
        ("limit=SECONDLY", LimitedError, False),
        ("status=423", TransientError, False),
    ],
)
def test_a_call_that_fails_fails_for_each_of_them(
    crm: HubSpotCrm, fault: str, kind: type[ConnectorError], *, is_applied: bool
) -> None:
    operations = make_updates(crm, 3)
    base = "/crm/v3/objects" if crm.version == "v3" else f"/crm/objects/{crm.version}"
    crm.served.portal.faults.plan(fault, method="POST", path=f"{base}/companies/batch/update")

    met = send(crm, operations)

    assert {type(one) for one in met} == {kind}
    found = [crm.connect().find_operation(one) is not None for one in operations]
    assert found == [is_applied] * 3
    assert cities(crm) == ["Ghent" if is_applied else None] * 3


def test_what_cannot_be_read_is_not_written(crm: HubSpotCrm) -> None:
    operations = make_updates(crm, 2)
    crm.connect().read_many(object_type="companies", record_ids=[], fields=["city"])  # the schema is known
    crm.served.portal.faults.plan("status=502", method="POST")

    assert {type(one) for one in send(crm, operations)} == {TransientError}
    assert cities(crm) == [None, None]


def test_one_bad_record_does_not_harm_the_others(crm: HubSpotCrm) -> None:
    good, refused, odd, back = make_updates(crm, 4)
    refused = make_operation(refused.record_id, values={"industry": "Witchcraft"})
    odd = make_operation(odd.record_id, values={"warp_factor": 9})
    crm.edit_as_human(str(back.record_id), lifecyclestage="customer")
    back = make_operation(back.record_id, values={"lifecyclestage": "lead"})
    gone = make_operation("999999", values={"city": "Ghent"})

    met = send(crm, [good, refused, odd, back, gone])

    assert [type(one) for one in met] == [Receipt, RejectedError, RejectedError, AloneError, NotFoundError]
    assert isinstance(met[1], RejectedError)
    assert met[1].errors == {"industry": "takes one of its options"}
    assert crm.served.writes(str(back.record_id)) == []
