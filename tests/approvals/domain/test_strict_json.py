"""Strict JSON: what two readers could understand differently is refused, and named (APR-01)."""

import json
import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.domain.strict_json import (
    MAX_DEPTH,
    MAX_INTEGER,
    MalformedJsonError,
    UnacceptableJsonError,
    parse_json,
    pointer_to,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
NUMBERS = st.integers(-MAX_INTEGER, MAX_INTEGER) | st.floats(-MAX_INTEGER, MAX_INTEGER, allow_nan=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(value=VALUES, is_ascii=st.booleans(), indent=st.sampled_from([None, 2]))
def test_what_every_reader_agrees_on_is_read_as_it_is(value, is_ascii, indent):
    assert parse_json(json.dumps(value, ensure_ascii=is_ascii, indent=indent).encode()) == value


@given(data=st.binary(max_size=60) | st.text('{}[]",:\\u0de-+.eE 123truefalsn', max_size=40).map(str.encode))
def test_other_bytes_are_refused_or_read_as_the_interpreter_reads_them(data):
    with suppress(MalformedJsonError, UnacceptableJsonError):
        assert parse_json(data) == json.loads(data)


@pytest.mark.parametrize(
    "data",
    [b"", b" ", b"{", b"[1,]", b"{'a': 1}", b'{"a": 01}', b'{"a": .5}', b'{"a": +1}', b'"\n"', b"{} {}", b"// x\n{}",
     b'{"a": NaN}', b"[Infinity]", b"-Infinity", b"\xef\xbb\xbf{}", b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\x80"',
     "{}".encode("utf-16"), b"[" * 30, b"1" * 5_000],
)  # fmt: skip
def test_what_is_no_json_in_utf8_is_malformed(data):
    """RFC 8259 §8.1: UTF-8 without a mark; NaN and infinities are no JSON."""
    with pytest.raises(MalformedJsonError) as refusal:
        parse_json(data)
    assert refusal.value.code == "malformed_json"


@pytest.mark.parametrize(
    ("data", "code", "pointer"),
    [
        (b'{"a": 1, "a": 1}', "duplicate_key", "/a"),
        (b'{"x": [{"a": 1}, {"a": 1, "b": 2, "a": 3}]}', "duplicate_key", "/x/1/a"),
        (rb'{"a": 1, "\u0061": 2}', "duplicate_key", "/a"),
        (b'{"a/b": {"~": 1, "~": 2}}', "duplicate_key", "/a~1b/~0"),
        (b'{"a": {"__proto__": {}}}', "unknown_field", "/a/__proto__"),
        (rb'{"constructo\u0072": 1}', "unknown_field", "/constructor"),
        (b'{"prototype": 1}', "unknown_field", "/prototype"),
        (b'{"a": 9007199254740992}', "unsafe_integer", "/a"),
        (b"[-9007199254740992]", "unsafe_integer", "/0"),
        (b'{"a": 9007199254740992.0}', "unsafe_integer", "/a"),
        (b"[0, 1e16]", "unsafe_integer", "/1"),
        (b"[" + b"1" * 4_000 + b"]", "unsafe_integer", "/0"),
        (b"[1e400]", "non_finite_number", "/0"),
        (b'{"a": -1e999}', "non_finite_number", "/a"),
        (rb'{"a": "\u0000"}', "invalid_unicode", "/a"),
        (rb'{"a": ["x\ud800"]}', "invalid_unicode", "/a/0"),
        (rb'["\udc00\ud800"]', "invalid_unicode", "/0"),
        (rb'{"a": {"\udfff": 1}}', "invalid_unicode", "/a"),
    ],
)
def test_what_readers_would_disagree_on_is_refused_by_place(data, code, pointer):
    """RFC 7493 §2: names once, numbers that survive a double, text that is Unicode."""
    with pytest.raises(UnacceptableJsonError) as refusal:
        parse_json(data)
    assert (refusal.value.code, refusal.value.pointer) == (code, pointer)


@pytest.mark.parametrize("value", [MAX_INTEGER, -MAX_INTEGER, 0.1, -0.0, 5e-324])
def test_the_edges_of_what_a_double_holds_are_read(value):
    read = parse_json(json.dumps(value).encode())
    assert (read, math.copysign(1, read)) == (value, math.copysign(1, value))


def test_a_whole_pair_of_surrogates_is_one_character():
    assert parse_json(rb'"\ud83d\ude00"') == "\U0001f600"


@pytest.mark.parametrize(("start", "end"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_nesting_has_an_end(start, end):
    def nested(depth):
        return start * depth + b"1" + end * depth

    assert parse_json(nested(MAX_DEPTH))
    for depth in (MAX_DEPTH + 1, 100_000):
        with pytest.raises(UnacceptableJsonError) as refusal:
            parse_json(nested(depth))
        assert refusal.value.code == "nesting_too_deep"


def test_brackets_in_a_text_are_no_nesting():
    text = "[{" * 500 + '\\"'
    assert parse_json(json.dumps([text, {"a": text}]).encode()) == [text, {"a": text}]


def test_many_siblings_are_no_nesting():
    assert len(parse_json(b"[" + b",".join([b"[]"] * 500) + b"]")) == 500


@pytest.mark.parametrize(
    ("parent", "name", "pointer"),
    [("", "a", "/a"), ("/a", 0, "/a/0"), ("", "~/", "/~0~1"), ("", "", "/"), ("/x", "~1", "/x/~01")]
)  # fmt: skip
def test_pointers_are_escaped(parent, name, pointer):
    """RFC 6901 §3."""
    assert pointer_to(parent, name) == pointer
