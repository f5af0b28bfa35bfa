"""Changes of policy as sentences (POL-03)."""

import pytest

from governance.domain.change_words import duration, tell_changes
from tests.builders.policy import ACTIONS, FIELDS, GRANTS, STAGES, make_document
from tests.governance.domain.test_diff import replaced


def told(**changes):
    return [line for item in tell_changes(make_document(), make_document(**changes)) for line in item.sentences]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"fields": replaced(FIELDS, 0, permission_level="approval")},
            "Agents may now write Industry on Companies with approval.",
        ),
        (
            {"actions": replaced(ACTIONS, 0, expires_after_seconds=3_600)},
            "The action “update” waits at most 1 hour for approval, before 24 hours.",
        ),
        (
            {"actions": replaced(ACTIONS, 0, min_confidence=0.9)},
            "The action “update” needs a confidence of 90%, before 70%; below, a person is asked.",
        ),
        (
            {"actions": replaced(ACTIONS, 0, approvals_needed=2)},
            "The action “update” takes 2 people to approve, before 1 person.",
        ),
        (
            {"grants": replaced(GRANTS, 1, write_fields=("country", "name"))},
            "agent.enrichment may no longer write industry when it may create Companies in embedded (sandbox).",
        ),
        ({"stages": ()}, "Stage “lost” of Deals no longer requires loss_reason."),
    ],
)
def test_a_change_reads_as_a_sentence(changes, sentence):
    assert told(**changes) == [sentence]


def test_no_sentence_holds_a_backtick_or_bare_seconds():
    """Every row of a whole policy, new and gone."""
    empty = make_document(grants=(), fields=(), actions=(), stages=())
    for old, new in ((None, make_document()), (make_document(), empty), (empty, make_document())):
        lines = [line for item in tell_changes(old, new) for line in item.sentences]
        assert len(lines) >= len(FIELDS) + len(GRANTS) + len(ACTIONS) + len(STAGES)
        assert not [line for line in lines if "`" in line or "86400" in line or "seconds" in line]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (86_400, "24 hours"),
        (172_800, "2 days"),
        (5_400, "90 minutes"),
        (3_600, "1 hour"),
        (30, "30 seconds"),
        (1, "1 second"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds, words):
    assert duration(seconds) == words
