"""What the embedded CRM accepts in a field (CON-03, REG-08)."""

import math
from typing import Any

import pytest

from crm_connectors.domain.field_value import find_complaints, is_same_value
from governance.domain.schema import FieldSchema


def complain(type_: str, value: Any, **changes: Any) -> str:
    field = FieldSchema(name="it", label="It", type=type_, **changes)
    return find_complaints({"it": field}, {"it": value}, is_new=False).get("it", "")


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("string", "Umicore"),
        ("string", "Ærø 株式会社"),
        ("text", "two\nlines"),
        ("integer", 0),
        ("integer", -(2**53) + 1),
        ("number", 0.1),
        ("number", 12),
        ("boolean", False),
        ("date", "2028-02-29"),
        ("datetime", "2031-05-17T09:30:00Z"),
        ("datetime", "2031-05-17T09:30:00+05:30"),
        ("email", "jana.novak@umicore.example"),
        ("phone", "+1 202 555 0101"),
        ("url", "https://umicore.example/en?x=1"),
        ("reference", "101"),
        ("string", None),
        ("integer", ""),
    ],
)
def test_takes_a_fitting_value(type_: str, value: Any) -> None:
    assert complain(type_, value) == ""


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("string", 7),
        ("string", ["a"]),
        ("string", {"a": 1}),
        ("string", "two\nlines"),
        ("string", "nul\x00"),
        ("text", "\ud800"),
        ("integer", "7"),
        ("integer", 7.0),
        ("integer", True),
        ("integer", 2**53),
        ("number", True),
        ("number", "12.5"),
        ("number", math.nan),
        ("number", math.inf),
        ("boolean", "true"),
        ("boolean", 1),
        ("date", "2027-02-29"),
        ("date", "17/05/2031"),
        ("date", "20310517"),
        ("date", "２０３１-05-17"),
        ("datetime", "2031-05-17T09:30:00"),
        ("datetime", "2031-05-17"),
        ("email", "jana"),
        ("email", "jana@umicore.example, b@c.example"),
        ("phone", "call me"),
        ("url", "javascript:alert(1)"),
        ("url", "www.umicore.example"),
        ("reference", 101),
    ],
)
def test_refuses_a_value_of_another_kind(type_: str, value: Any) -> None:
    assert complain(type_, value)


def test_options_length_and_locks_bite() -> None:
    assert complain("picklist", "IT", options=("Software",)) == "takes one of its options"
    assert complain("picklist", ["Software"], options=("Software",)) == "takes one of its options"
    assert complain("reference", "nobody@example.com", options=("ana@example.com",)) == "takes one of its options"
    assert complain("string", "x" * 11, max_length=10) == "takes at most 10 characters"
    assert complain("string", "x", is_read_only=True) == "is read-only"
    assert complain("string", "", is_required=True) == "is required"
    assert find_complaints({}, {"warp": 9}, is_new=False) == {"warp": "is no field of this object"}


def test_only_a_new_record_must_name_its_required_fields() -> None:
    fields = {"name": FieldSchema(name="name", label="Name", type="string", is_required=True)}

    assert find_complaints(fields, {}, is_new=True) == {"name": "is required"}
    assert find_complaints(fields, {}, is_new=False) == {}


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        (None, "", True),
        (None, 0, False),
        (None, False, False),
        ("a", "A", False),
        (True, True, True),
    ],
)
def test_one_value_or_two(left: Any, right: Any, expected: bool) -> None:
    assert is_same_value(left, right) is expected
    assert is_same_value(right, left) is expected
