"""Actions become the connector's writes, and each knows what takes it back (RVT-05)."""

import uuid

import pytest

from approvals.domain.ask import association_of
from approvals.domain.backoff import backoff
from approvals.domain.operations import Compensation, compensation_of, make_operation, verb_of
from approvals.domain.three_way import compare_three_ways
from governance.domain.decision import FieldChange

REQUEST = uuid.UUID("01980000-0000-7000-8000-000000000001")


@pytest.mark.parametrize(
    ("action", "verb", "compensation"),
    [
        ("update", "update", Compensation.INVERSE_PATCH),
        ("create", "create", Compensation.ARCHIVE),
        ("create_task", "create", Compensation.ARCHIVE),
        ("create_note", "create", Compensation.ARCHIVE),
        ("draft", "create", Compensation.ARCHIVE),
        ("queue", "create", Compensation.ARCHIVE),
        ("delete", "archive", Compensation.NONE),
    ],
)
def test_every_action_has_a_verb_and_a_way_back(action, verb, compensation):
    assert verb_of(action) == verb
    assert compensation_of(action) is compensation


def test_an_operation_carries_the_patch_and_one_key_for_every_try():
    operation = make_operation(
        request_id=REQUEST,
        action="create_task",
        object_type="tasks",
        record_id="",
        patch=(FieldChange("subject", None, "Call"),),
        correlation_id="run-1",
        actor="agent.routing",
        association=("companies", "101"),
        before={},
        version="",
    )

    assert (operation.verb, operation.object, operation.record_id) == ("create", "tasks", None)
    assert operation.values == {"subject": "Call"}
    assert operation.association == ("companies", "101")
    assert operation.operation_key == f"request:{REQUEST}"


def test_only_prepared_records_hang_on_their_target():
    assert association_of("create_note", "deals", "7") == ("deals", "7")
    assert association_of("update", "deals", "7") is None


def test_three_ways_call_a_field_conflicted_when_it_no_longer_holds_ours():
    rows = compare_three_ways(
        ["a", "b", "c"], before={"a": 1, "b": 2}, ours={"a": 10, "b": 20, "c": ""}, now={"a": 10, "b": 99, "c": None}
    )

    assert [(row.field, row.is_conflict) for row in rows] == [("a", False), ("b", True), ("c", False)]
    assert (rows[1].before, rows[1].ours, rows[1].now) == (2, 20, 99)


def test_backoff_grows_is_bounded_and_respects_what_the_crm_asked_for():
    pauses = [backoff(tries, jitter=1.0).total_seconds() for tries in range(1, 30)]

    assert pauses == sorted(pauses)
    assert pauses[0] >= 1
    assert pauses[-1] <= 900
    assert backoff(1, jitter=0.0, at_least_seconds=60).total_seconds() == 60


def test_what_is_written_back_is_pinned_to_what_was_read():
    """EXE-05: values before and version go along, so that the CRM can refuse what changed meanwhile."""
    operation = make_operation(
        request_id=REQUEST,
        action="delete",
        object_type="companies",
        record_id="101",
        patch=(),
        correlation_id="run-1",
        actor="person:rosa",
        association=None,
        before={"name": "Novum"},
        version="7",
    )

    assert (operation.verb, operation.record_id, operation.values) == ("archive", "101", {})
    assert (operation.before, operation.version) == ({"name": "Novum"}, "7")
