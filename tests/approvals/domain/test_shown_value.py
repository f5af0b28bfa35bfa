"""Values are shown exactly: nothing coerced, nothing shortened for good."""

import pytest

from approvals.domain.shown_value import PREVIEW_LENGTH, show_value


def text_of(pieces):
    return "".join(piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "x"),
        (220, "220"),
        (0, "0"),
        (True, "true"),
        (False, "false"),
        (0.1, "0.1"),
        (["a", 1], '["a", 1]'),
        ("7", "7"),
    ],
)
def test_a_value_is_shown_as_it_is(value, text):
    assert text_of(show_value(value).pieces) == text


def test_nothing_zero_and_empty_text_are_three_things():
    assert show_value(None).is_empty
    assert not show_value(0).is_empty
    assert not show_value("").is_empty


def test_text_and_number_that_look_alike_are_told_apart():
    assert show_value("7").kind == "text"
    assert show_value(7).kind == "other"


def test_a_long_value_has_a_beginning_and_all_of_itself():
    shown = show_value("y" * 5_000)
    assert len(text_of(shown.preview)) == PREVIEW_LENGTH
    assert text_of(shown.pieces) == "y" * 5_000
    assert shown.length == 5_000
