"""Values against the field they shall stand in: strict, nothing coerced (REG-08)."""

import pytest

from governance.domain.validation import compile_validator
from tests.builders.policy import field

VALID = {
    "string": ["Norway", "Ærø", "a" * 40, "日本", "👩‍👩‍👧"],
    "text": ["two\nlines", "tab\there"],
    "integer": [0, -7, 2**53 - 1],
    "number": [0, 1.5, -2, 1e300],
    "boolean": [True, False],
    "picklist": ["IT", "Software"],
    "date": ["2031-05-17", "2032-02-29", "1900-01-01", "2100-12-31"],
    "datetime": ["2031-05-17T09:30:00Z", "2031-05-17T09:30:00.123+02:00"],
    "email": ["kim@acme.example", "kim.lee+crm@sub.acme.example", "k@xn--bcher-kva.example"],
    "phone": ["+47 22 33 44 55", "(415) 555-0100", "22334455", "+1 415 555 0100 x12"],
    "url": ["https://acme.example", "http://acme.example:8080/a?b=c#d", "https://acme.example/søk"],
    "reference": ["101", "kim@acme.example", "0051x00000ABCDE"],
}
INVALID = {
    "string": [7, True, ["a"], {"a": 1}, "a" * 41, "a\nb", "a\x00b", "\ud800", "\u202ex", "a\u2028b", "   "],
    "text": [7, "a\x00b", "a\u2066b", " \n "],
    "integer": ["7", True, 7.0, 7.5, 2**53, -(2**53), "٧", "７", float("nan"), [7]],
    "number": ["7", True, float("nan"), float("inf"), -float("inf"), 2**53, "1e3"],
    "boolean": [1, 0, "true", "yes"],
    "picklist": ["it", "IT ", "Hardware", 1, True, ["IT"]],
    "date": [
        *("2031-5-17", "17.05.2031", "2031-02-30", "2031-02-29", "0000-00-00", "0001-01-01", "1899-12-31"),
        *(
            "2101-01-01",
            "9999-12-31",
            "2031-05-17T00:00:00Z",
            "２０３１-05-17",
            "٢٠٣١-05-17",
            "20310517",
            "2031-W20-6",
            20310517,
        ),
        "2031-05-17\n",
    ],
    "datetime": [
        *("2031-05-17", "2031-05-17T09:30:00", "2031-05-17 09:30:00Z", "2031-05-17T25:00:00Z", "9999-12-31T00:00:00Z"),
        *("2031-05-17T09:30:60Z", 1936949400, "2031-05-17T09:30:00Z\n"),
    ],
    "email": [
        *("kim", "kim@acme", "@acme.example", "kim@@acme.example", "kim lee@acme.example", ".kim@acme.example"),
        *(
            "kim..lee@acme.example",
            "kim@acme.example, lee@acme.example",
            "Kim <kim@acme.example>",
            '"kim"@acme.example',
        ),
        *("kim@acme.example\r\nBcc: x@y.example", "mailto:kim@acme.example", "ｋｉｍ@acme.example", "kim@аcme.example"),
        *("kim@-acme.example", "kim@acme.example.", "k" * 65 + "@acme.example", 7),
    ],
    "phone": ["call me", "12", "+", "٢٢٣٣٤٤٥٥", "２２３３４４５５", "22334455;rm", 22334455, "1" * 40],
    "url": [
        *(
            "acme.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://acme.example",
            "https://",
            "https://localhost",
        ),
        *(
            "https://acme.example@evil.example/",
            "https://acme.example/a b",
            "https://acme.example/\n",
            "//acme.example",
        ),
        *(
            "https://acme.example/<script>",
            "https://acme.example\\@evil.example",
            "https://" + "a" * 2050 + ".example",
            7,
        ),
    ],
    "reference": ["two words", "ærlig", "", "a" * 121, 101, None],
    "matrix": ["anything", 7],
}


def complaint(field_type, value):
    limits = {"max_length": 40} if field_type == "string" else {}
    is_required = value is None or value == ""
    return compile_validator(
        field("it", type=field_type, options=("IT", "Software"), is_required=is_required, **limits)
    )(value)


@pytest.mark.parametrize(("field_type", "value"), [(kind, value) for kind, values in VALID.items() for value in values])
def test_valid(field_type, value):
    assert complaint(field_type, value) == ""


@pytest.mark.parametrize(
    ("field_type", "value"), [(kind, value) for kind, values in INVALID.items() for value in values]
)
def test_invalid(field_type, value):
    assert complaint(field_type, value).startswith("`it` ")


@pytest.mark.parametrize("field_type", VALID)
@pytest.mark.parametrize("value", [None, ""])
def test_emptying_is_for_fields_that_are_not_required(field_type, value):
    rules = [field("it", type=field_type, options=("IT",), is_required=is_required) for is_required in (False, True)]
    assert [bool(compile_validator(rule)(value)) for rule in rules] == [False, True]


def test_a_complaint_never_repeats_the_value():
    """A decision is kept longer than the value may be."""
    for field_type in INVALID:
        assert "kim-secret" not in complaint(field_type, "kim-secret\x00")


@pytest.mark.parametrize(
    ("changes", "value", "words"),
    [
        ({}, 7, "`it` takes text"),
        ({"max_length": 3}, "abcd", "`it` takes at most 3 characters"),
        ({}, "a\nb", "`it` must not hold control or text-reordering characters"),
        ({}, "  ", "`it` must not be blank; null empties it"),
        ({"is_required": True}, "", "`it` is required and must not be emptied"),
        ({"type": "integer"}, "7", "`it` takes a whole number"),
        ({"type": "number"}, "7", "`it` takes a finite number"),
        ({"type": "boolean"}, 1, "`it` takes true or false"),
        ({"type": "picklist", "options": ("IT", "Law")}, "it", "`it` takes one of its 2 options, spelled exactly"),
        ({"type": "date"}, "1.1.31", "`it` takes a calendar date like 2031-05-17 between 1900 and 2100"),
        ({"type": "datetime"}, "now", "`it` takes an RFC 3339 time with its offset, like 2031-05-17T09:30:00Z"),
        ({"type": "email"}, "kim", "`it` takes one plain email address"),
        ({"type": "phone"}, "12", "`it` takes a phone number of 5 to 15 digits"),
        ({"type": "url"}, "acme", "`it` takes an http or https address of at most 2,048 characters"),
        ({"type": "reference"}, "a b", "`it` takes the id of a record or user"),
        ({"type": "matrix"}, "x", "`it` is of a type that cannot be checked"),
        ({"value_format": "email"}, "kim", "`it` takes one e-mail address"),
        ({"value_format": "email"}, "kim lee@acme.example", "`it` takes one e-mail address"),
        ({"value_format": "phone_e164"}, "22334455", "`it` takes a phone number like +4721234567"),
        ({"value_format": "url"}, "acme", "`it` takes an http or https address"),
        ({"value_format": "country"}, "Norway", "`it` takes a country's two capital letters, like NO"),
        ({"value_format": "horoscope"}, "Leo", "`it` takes a format that cannot be checked"),
        ({"type": "integer", "value_format": "email"}, 7, "`it` takes one e-mail address"),
        ({"value_format": "country"}, 7, "`it` takes text"),
        ({"type": "integer", "min_value": 1, "max_value": 9}, 10, "`it` lies between 1 and 9"),
        ({"type": "integer", "min_value": 1, "max_value": 9}, 0, "`it` lies between 1 and 9"),
        ({"type": "number", "min_value": 0.5}, 0.4, "`it` lies between 0.5 and any number"),
        ({"type": "number", "max_value": 2}, 3, "`it` lies between any number and 2"),
        ({"min_value": 1}, "5", "`it` lies between 1 and any number"),
    ],
)
def test_a_complaint_says_what_would_be_taken(changes, value, words):
    assert compile_validator(field("it", **changes))(value) == words


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({"max_length": 3}, "abc"),
        ({"type": "integer", "min_value": 1, "max_value": 9}, 1),
        ({"type": "integer", "min_value": 1, "max_value": 9}, 9),
        ({"type": "number", "min_value": 0, "max_value": 0}, 0),
        ({"type": "integer"}, -(2**53 - 1)),
        ({"type": "phone"}, "12345"),
        ({"type": "phone"}, "+" + "1" * 15 + " x123456"),
        ({"type": "url"}, "https://acme.example/" + "a" * 2027),
        ({"type": "email", "max_length": 16}, "kim@acme.example"),
        ({"type": "datetime"}, "1900-01-01T00:00:00Z"),
        ({"type": "datetime"}, "2100-12-31T23:59:59Z"),
    ],
)
def test_the_largest_and_smallest_that_is_meant_is_taken(changes, value):
    assert compile_validator(field("it", **changes))(value) == ""


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({"type": "integer"}, -(2**53)),
        ({"type": "phone"}, "1234"),
        ({"type": "phone"}, "1" * 16 + " x1234567"),
        ({"type": "url"}, "https://acme.example/" + "a" * 2028),
        ({"type": "url"}, "https://acme.example/\u202e"),
        ({"type": "email", "max_length": 15}, "kim@acme.example"),
        ({"type": "datetime"}, "1899-12-31T00:00:00Z"),
        ({"type": "datetime"}, "2101-01-01T00:00:00Z"),
    ],
)
def test_one_more_is_not(changes, value):
    assert compile_validator(field("it", **changes))(value)
