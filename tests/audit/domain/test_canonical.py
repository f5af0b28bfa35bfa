"""Canonical bytes: RFC 8785 to the letter, by whichever of the two ways (AUD-01)."""

import enum
import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from audit.domain.canonical import canonical_bytes, digest

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=30)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner),
    max_leaves=30,
)


@given(VALUES | PLAIN)
def test_every_value_is_written_as_the_reference_writes_it(value):
    assert canonical_bytes(value) == rfc8785.dumps(value)


@given(VALUES)
def test_canonical_bytes_read_back_to_the_same_bytes(value):
    text = canonical_bytes(value)
    assert canonical_bytes(json.loads(text, parse_int=float)) == text  # a JSON number is a double


@given(PLAIN, PLAIN)
def test_different_values_have_different_bytes(first, second):
    def kinds(value):  # in Python True == 1, in JSON it is not
        return json.dumps(value, sort_keys=True)

    assert (canonical_bytes(first) == canonical_bytes(second)) == (kinds(first) == kinds(second))


def test_the_example_of_the_rfc():
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"\u002f",
        "literals": [None, True, False],
    }
    assert canonical_bytes(value).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_keys_sort_by_utf_16_units():
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert list(json.loads(canonical_bytes(value)).values()) == [2, 4, 6, 7, 1, 5, 3]


class Colour(enum.StrEnum):
    RED = "red"


def test_text_enumerations_are_text():
    assert canonical_bytes({"colour": Colour.RED}) == b'{"colour":"red"}'


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        [-float("inf")],
        2**53,
        {"a": -(2**53)},
        "\ud800",
        {"\ud800": 1},
        ["a", {"b": "\udfff"}],
        {1: "a"},
        {None: 1},
        {True: 1},
        b"bytes",
        {"a": {1, 2}},
        object(),
    ],
)
def test_what_is_not_canonical_json_is_refused(value):
    with pytest.raises((rfc8785.CanonicalizationError, UnicodeEncodeError)):
        canonical_bytes(value)


def test_a_digest_names_its_algorithm():
    assert digest({}) == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
