"""The demo's counts are looked at in CI: a story in which something no longer happens fails it."""

import json

import pytest

from tests.config.story_check import COUNTED, HAPPENS, find_gaps

WHOLE = dict.fromkeys(HAPPENS, 1) | dict.fromkeys(COUNTED, 0)


def test_a_whole_story_has_no_gap():
    assert find_gaps(json.dumps(WHOLE)) == []


@pytest.mark.parametrize("name", HAPPENS)
def test_what_did_not_happen_is_named(name):
    assert find_gaps(json.dumps(WHOLE | {name: 0})) == [f"{name} is 0"]


def test_what_is_not_counted_is_named():
    assert find_gaps(json.dumps({**WHOLE, "extra": 1, "pending": None} | {"pending": 2})) == []
    assert find_gaps(json.dumps({name: 1 for name in WHOLE if name != "pending"})) == ["pending is not counted"]
