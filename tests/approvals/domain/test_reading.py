"""What an agent may see: nothing that is not granted, known and open; sensitive values masked (RDG-01, PRM-03)."""

import uuid

import pytest

from approvals.domain.reading import (
    MASK,
    ReadFacts,
    ReadRefusedError,
    UnknownNameError,
    mask_before,
    mask_record,
    read_scope,
)
from governance.domain.decision import FieldChange
from governance.domain.document import FieldRule


def rule(field, **changes):
    given = {"label": field, "type": "string", "review_state": "reviewed", "permission_level": "safe_write"}
    return FieldRule(connection="embedded", object="contacts", field=field, **{**given, **changes})


RULES = {
    "name": rule("name"),
    "phone": rule("phone", is_sensitive=True),
    "salary": rule("salary", permission_level="blocked"),
    "fax": rule("fax", review_state="gone"),
    "notes": rule("notes"),
}


def facts(**changes):
    given = {
        "lifecycle": "active",
        "is_stopped": False,
        "connection_id": uuid.UUID(int=1),
        "connection_name": "embedded",
        "connection_kind": "embedded",
        "is_connection_active": True,
        "object": "contacts",
        "action": "read",
        "rules": RULES,
        "granted": frozenset({"name", "phone", "salary", "fax", "removed"}),
        "policy_version": "sha256:a",
    }
    return ReadFacts(**{**given, **changes})


def scope(fields=None, filtered_by=(), **changes):
    return read_scope(facts(**changes), fields=fields, filtered_by=filtered_by)


def test_all_means_all_that_is_granted_known_and_open():
    assert scope().fields == ("name", "phone")


def test_fields_come_in_the_order_asked_for_and_once():
    assert scope(["phone", "name", "phone"]).fields == ("phone", "name")


def test_asking_for_nothing_is_not_asking_for_all():
    assert scope([]).fields == ()


@pytest.mark.parametrize("name", ["notes", "salary", "fax"])
def test_a_field_that_is_not_granted_blocked_or_gone_is_not_read(name):
    """RDG-02: notes, like every field, only when they are granted by name."""
    for arguments in ({"fields": [name]}, {"fields": ["name"], "filtered_by": [name]}):
        with pytest.raises(ReadRefusedError) as refusal:
            scope(**arguments)
        assert (refusal.value.code, refusal.value.http_status) == ("not_granted", 403)


@pytest.mark.parametrize("name", ["removed", "nothing", "Name", ""])
def test_a_name_that_the_registry_does_not_know_is_an_error_even_when_granted(name):
    for arguments in ({"fields": [name]}, {"filtered_by": [name]}):
        with pytest.raises(UnknownNameError) as refusal:
            scope(**arguments)
        assert (refusal.value.code, refusal.value.http_status) == ("unknown_property", 422)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lifecycle": "draft"}, "agent_not_active"),
        ({"lifecycle": "quarantined"}, "agent_not_active"),
        ({"lifecycle": "retired"}, "agent_not_active"),
        ({"lifecycle": "nonsense"}, "agent_not_active"),
        ({"is_stopped": True}, "stopped"),
        ({"is_connection_active": False}, "connection_inactive"),
        ({"granted": None}, "not_granted"),
        ({"granted": frozenset(), "fields": ["name"]}, "not_granted"),
    ],
)
def test_each_no_is_a_no_of_its_own(changes, code):
    with pytest.raises(ReadRefusedError) as refusal:
        scope(**changes)
    assert refusal.value.code == code


def test_a_stop_comes_before_the_question_whether_the_object_exists():
    with pytest.raises(ReadRefusedError):
        scope(is_stopped=True, rules=None)
    with pytest.raises(UnknownNameError) as refusal:
        scope(rules=None)
    assert refusal.value.code == "unknown_object"


def test_a_read_only_agent_reads():
    assert scope(lifecycle="read_only").fields == ("name", "phone")


def test_a_masked_value_cannot_be_guessed_by_searching():
    with pytest.raises(ReadRefusedError):
        scope(["name"], ["phone"], action="search")
    assert scope(["phone"], ["name"], action="search").masked == {"phone"}


def test_sensitive_values_are_masked_and_empty_ones_stay_empty():
    both = scope(["phone", "name"])
    assert mask_record({"name": "Ann", "phone": "+32", "salary": 1}, both) == (
        {"phone": MASK, "name": "Ann"},
        ("phone",),
    )
    assert mask_record({"name": "Ann", "phone": None}, both) == ({"phone": None, "name": "Ann"}, ())
    assert mask_record({}, both) == ({"phone": None, "name": None}, ())


@pytest.mark.parametrize("value", ["", 0, False, []])
def test_a_value_that_only_looks_empty_is_masked_too(value):
    assert mask_record({"phone": value}, scope(["phone"]))[0] == {"phone": MASK}


def test_a_patch_does_not_tell_what_was_hidden():
    patch = [FieldChange("phone", "+32", "+33"), FieldChange("name", "Ann", "Anna")]
    assert mask_before(patch, {"phone"}) == [FieldChange("phone", MASK, "+33"), patch[1]]
    assert mask_before([FieldChange("phone", None, "+33")], {"phone"}) == [FieldChange("phone", None, "+33")]


def test_the_ledger_learns_names_and_never_values():
    assert scope(["phone", "name"]).event_data() == {
        "object": "contacts",
        "action": "read",
        "fields": ["phone", "name"],
        "masked": ["phone"],
        "policy_version": "sha256:a",
    }
