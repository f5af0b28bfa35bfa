"""The policy file's own YAML: what is written reads back the same, and what could hurt is refused with its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.yaml_reading import MAX_BYTES, PolicyFileError, read_yaml
from governance.domain.yaml_writing import write_sections, write_value

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**38), 10**38)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)


@given(
    st.lists(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), VALUES, min_size=1, max_size=4), max_size=3)
)
def test_what_is_written_reads_back_the_same(rows: list[dict[str, object]]) -> None:
    text = write_sections({"format": 1}, {"rows": rows}, "a comment\n\nmore")
    back = read_yaml(text.encode()).plain()
    assert back == {"format": 1, "rows": rows}
    assert write_sections({"format": 1}, {"rows": back["rows"]}, "a comment\n\nmore") == text


@pytest.mark.parametrize(
    "text",
    ["yes", "No", "null", "~", "1", "1e5", "0x1f", "-", "a: b", "a #b", "# a", "[a", "{a",
     "*a", "&a", "!a", "<<", "%a", " a", "a ", "", "é", "\u2028", "\x85", "\ufeff", "2024-01-01"]
)  # fmt: skip
def test_text_stays_text(text: str) -> None:
    assert read_yaml(f"k: {write_value(text)}\nl: [{write_value(text)}]\n".encode()).plain() == {"k": text, "l": [text]}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a: &x 1\nb: *x", "line 1, column 4: anchors"),
        (b"a: [*x]", "line 1, column 5: anchors"),
        (b"a: !!python/object/apply:os.system [x]", "line 1, column 4: tags"),
        (b"a: 1\na: 2", "line 2, column 1: `a` stands here twice"),
        (b"a: 1\n---\nb: 2", "one document"),
        (b"a: [1", "line 1"),
        (b"a: 1\n\tb: 2", "line 2"),
        (b"? [a]\n: 1", "a name is text"),
        (b"a: 1e999", "too large"),
        (b"[" * 1000, "nested too deeply"),
        (b"{a: " * 1000, "nested too deeply"),
        (b"\xff\xfe", "not UTF-8"),
        (b"", "empty"),
        (b"# nothing", "empty"),
        (b"a" * (MAX_BYTES + 1), "larger than"),
        (b"a: \x00", "line 1|special characters|unacceptable"),
    ],
)
def test_what_could_hurt_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(PolicyFileError, match=words):
        read_yaml(content)


def test_a_number_that_is_none_cannot_be_written() -> None:
    for value in (float("nan"), float("inf"), object()):
        with pytest.raises(TypeError):
            write_value(value)


@pytest.mark.parametrize("escape", ["\\0", "\\x00", "\\u0000", "\\ud800", "\\uDFFF", "\\U00110000", "\\UFFFFFFFF"])
def test_what_no_database_keeps_is_refused(escape: str) -> None:
    """POL-08: an escape in quotes is no way around what the door refuses."""
    with pytest.raises(PolicyFileError):
        read_yaml(f'k: "a{escape}b"'.encode())
