"""What cannot be seen is spelled out, and nothing else is touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.domain.visible_text import reveal, reveal_as_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("invoice\u202egnp.exe", "invoice⟦U+202E⟧gnp.exe"),
        ("a\u200bb", "a⟦U+200B⟧b"),
        ("pay\u00a0now", "pay⟦U+00A0⟧now"),
        ("\x00\x1b[2J", "⟦U+0000⟧⟦U+001B⟧[2J"),
        ("soft\u00adhyphen", "soft⟦U+00AD⟧hyphen"),
        ("\u2066isolate\u2069", "⟦U+2066⟧isolate⟦U+2069⟧"),
        ("blank\u3164letter", "blank⟦U+3164⟧letter"),
        ("tag\U000e0041", "tag⟦U+E0041⟧"),
        ("line\u2028break", "line⟦U+2028⟧break"),
        ("joined\u200dletters", "joined⟦U+200D⟧letters"),
        ("\u200d", "⟦U+200D⟧"),
    ],
)
def test_hidden_characters_become_marks(text, shown):
    """APR-03: a reviewer approves what they read."""
    assert reveal_as_text(text) == shown


@pytest.mark.parametrize(
    "text", ["", "plain", "two\nlines\tand a tab", "Łódź", "日本語", "👩\u200d💻", "é", "a ⟦U+202E⟧ b"]
)
def test_what_can_be_seen_stays_as_it_is(text):
    assert reveal_as_text(text) == text
    assert not any(piece.is_mark for piece in reveal(text))


def test_a_mark_written_by_hand_is_no_mark():
    """An agent that writes the mark's letters itself gets them shown as its text."""
    assert [piece.is_mark for piece in reveal("⟦U+202E⟧\u202e")] == [False, True]


@given(st.text())
def test_every_character_is_kept_or_named(text):
    pieces = reveal(text)
    back = "".join(chr(int(piece.text[3:-1], 16)) if piece.is_mark else piece.text for piece in pieces)
    assert back == text
