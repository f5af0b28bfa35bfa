"""APR-06: what a batch comes to, and what it never approves."""

import pytest

from approvals.domain.batch_outcome import (
    COUNTED,
    ItemOutcome,
    batch_status,
    outcome_of_refusal,
    outcome_tone,
    outcome_words,
)
from approvals.domain.own_look import own_look_reason
from approvals.services import review_errors
from governance.domain.action_class import REQUESTABLE


@pytest.mark.parametrize(
    ("statuses", "refused", "expected"),
    [
        (["pending", "pending"], 0, "pending"),
        (["executed"], 0, "executed"),
        (["executed", "denied"], 0, "partial"),
        (["evaluating", "pending"], 0, "partial"),
        (["executed", "executed"], 1, "partial"),
        ([], 3, "denied"),
    ],
)
def test_a_batch_is_partial_when_its_items_differ(statuses, refused, expected):
    assert batch_status(statuses, refused=refused) == expected


def test_every_outcome_has_words_and_only_what_counted_is_not_a_warning():
    for outcome in ItemOutcome:
        assert outcome_words(outcome)
        assert (outcome_tone(outcome) == "warn") == (outcome not in COUNTED)


def test_every_refusal_of_a_vote_says_what_it_is():
    """A new refusal must find its outcome here: `not_counted` alone says nothing."""
    codes = {
        error.code
        for error in vars(review_errors).values()
        if isinstance(error, type) and issubclass(error, review_errors.ReviewError)
    }
    silent = {code for code in codes if outcome_of_refusal(code) is ItemOutcome.NOT_COUNTED}
    of_no_vote = {"correction_refused", "escalation_refused", "snooze_refused"}
    assert silent <= {"review_error", "invalid_verdict", *of_no_vote}


def test_what_leaves_the_house_or_cannot_be_taken_back_is_looked_at_by_itself():
    """Nobody approves fifty e-mails with one key (APR-11)."""
    alone = {action for action in REQUESTABLE if own_look_reason(action, "approval")}
    assert alone == {"send_email", "enroll_sequence", "create_meeting", "push_to_dialer", "export", "delete"}


def test_what_break_glass_opened_is_looked_at_by_itself():
    assert own_look_reason("update", "blocked")
    assert not own_look_reason("update", "gated")
