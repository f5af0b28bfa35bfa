"""What a reviewer typed, read strictly in the type of the field (APR-12)."""

import pytest

from approvals.domain.correction import (
    UnreadableInputError,
    correct,
    input_kind,
    is_correctable,
    read_input,
    show_input,
)
from governance.domain.document import FieldRule


def rule(field_type="string", name="f", **changes):
    return FieldRule(connection="c", object="o", field=name, label="F", type=field_type, **changes)


@pytest.mark.parametrize(
    ("field_type", "typed", "value"),
    [
        ("string", "Umicore", "Umicore"),
        ("string", " a ", " a "),
        ("text", "a\r\nb\rc", "a\nb\nc"),
        ("integer", "-7", -7),
        ("integer", "220", 220),
        ("number", "5", 5),
        ("number", "5.50", 5.5),
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("date", "2031-05-17", "2031-05-17"),
        ("picklist", "Retail", "Retail"),
        ("string", "", None),
        ("integer", "  ", None),
    ],
)
def test_typed_and_read(field_type, typed, value):
    read = read_input(rule(field_type), typed, proposed="other")
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("field_type", "typed"),
    [
        ("integer", "1.5"),
        ("integer", "1e3"),
        ("integer", "٣"),
        ("integer", "1_000"),
        ("number", "NaN"),
        ("number", "Infinity"),
        ("number", "1e309"),
        ("boolean", "yes"),
        ("string", "a\x00b"),
        ("text", "x" * 65_537),
    ],
)
def test_what_is_no_value_is_refused(field_type, typed):
    with pytest.raises(UnreadableInputError):
        read_input(rule(field_type), typed, proposed=None)


@pytest.mark.parametrize("proposed", ["a\r\nb", "a\nb", 5, 5.0, True, None, "  ", "5"])
def test_what_was_left_alone_stays_to_the_last_character(proposed):
    read = read_input(rule("text"), show_input(proposed), proposed=proposed)
    assert (read, type(read)) == (proposed, type(proposed))


def test_only_what_differs_counts_as_corrected():
    changes = {"a": 1, "b": "x", "golden": "y"}
    found = correct(
        changes, origins={"suggested": "golden"}, values={"a": 1.0, "b": "x", "suggested": "z"}, left_out=[]
    )
    assert found.changes == {"a": 1.0, "b": "x", "golden": "z"}
    assert found.fields == ("a", "suggested")
    assert changes == {"a": 1, "b": "x", "golden": "y"}


def test_what_is_left_out_is_gone_whatever_was_typed():
    found = correct({"a": 1, "b": 2}, origins={}, values={"a": 5, "b": 2}, left_out=["a"])
    assert (found.changes, found.fields, found.left_out) == ({"b": 2}, (), ("a",))


def test_nothing_changed_is_empty():
    assert correct({"a": 1}, origins={}, values={"a": 1}, left_out=[]).is_empty


@pytest.mark.parametrize(
    ("action", "field", "is_open"),
    [
        ("update", "to", True),
        ("send_email", "subject", True),
        ("send_email", "body", True),
        ("send_email", "to", False),
        ("send_email", "sender", False),
        ("send_email", "attachments", False),
        ("create_meeting", "title", True),
        ("create_meeting", "invitee", False),
        ("create_meeting", "starts_at", False),
        ("push_to_dialer", "phone", False),
        ("push_to_dialer", "reason", True),
        ("enroll_sequence", "sequence", False),
        ("export", "fields", False),
        ("export", "purpose", False),
        ("draft", "body", True),
    ],
)
def test_of_what_leaves_the_house_only_the_words(action, field, is_open):
    assert is_correctable(action, rule(name=field), "x") is is_open


def test_unknown_read_only_and_manifold_fields_are_not_corrected():
    assert not is_correctable("update", None, "x")
    assert not is_correctable("update", rule(is_read_only=True), "x")
    assert not is_correctable("update", rule(), ["a", "b"])
    assert is_correctable("update", rule(), None)


def test_each_type_has_its_control():
    kinds = {
        kind: input_kind(rule(kind)) for kind in ("string", "text", "integer", "date", "picklist", "boolean", "url")
    }
    assert kinds == {
        "string": "text",
        "text": "textarea",
        "integer": "number",
        "date": "date",
        "picklist": "select",
        "boolean": "boolean",
        "url": "text",
    }
