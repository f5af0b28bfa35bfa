"""The demo's counts are looked at in CI: a story in which something no longer happens fails it."""

import json

import pytest

from tests.config.story_check import COUNTED, GOVERNED, HAPPENS, SENT, find_gaps

DEEDS = {**dict.fromkeys(GOVERNED, 1), "sent_by_action": dict.fromkeys(SENT, 1)}
WHOLE = dict.fromkeys(HAPPENS, 1) | dict.fromkeys(COUNTED, 0) | {"governed": DEEDS}


def test_a_whole_story_has_no_gap():
    assert find_gaps(json.dumps(WHOLE)) == []


@pytest.mark.parametrize("name", HAPPENS)
def test_what_did_not_happen_is_named(name):
    assert find_gaps(json.dumps(WHOLE | {name: 0})) == [f"{name} is 0"]


def test_what_is_not_counted_is_named():
    assert find_gaps(json.dumps({**WHOLE, "extra": 1, "pending": None} | {"pending": 2})) == []
    assert find_gaps(json.dumps({name: WHOLE[name] for name in WHOLE if name != "pending"})) == [
        "pending is not counted"
    ]


@pytest.mark.parametrize("name", GOVERNED)
def test_what_people_did_not_do_is_named(name):
    assert find_gaps(json.dumps(WHOLE | {"governed": DEEDS | {name: 0}})) == [f"{name} is 0"]


@pytest.mark.parametrize("name", SENT)
def test_what_reached_nobody_is_named(name):
    sent = {other: 1 for other in SENT if other != name}
    assert find_gaps(json.dumps(WHOLE | {"governed": DEEDS | {"sent_by_action": sent}})) == [f"{name} is not counted"]
