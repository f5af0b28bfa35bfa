"""A correction asks for no less than was asked for before, and for what the corrected change needs (APR-12)."""

from datetime import UTC, datetime

import pytest

from governance.domain.correction_checks import CORRECTED, ask_no_less
from governance.domain.decision import Requirement
from governance.domain.facts import CorrectionFacts

NOW = datetime(2031, 5, 17, tzinfo=UTC)


def correction(*groups, count=1, alternatives=()):
    return CorrectionFacts(person="p", at=NOW, groups=groups, count=count, alternatives=alternatives)


@pytest.mark.parametrize(
    ("asked", "before", "together"),
    [
        (None, correction("revops"), Requirement(("revops",))),
        (None, correction("revops", count=2), Requirement(("revops",), 2)),
        (Requirement(("revops",)), correction("revops", count=2), Requirement(("revops",), 2)),
        (Requirement(("legal",), 3), correction("revops", count=2), Requirement(("legal", "revops"), 3)),
        (Requirement(("legal",)), correction(alternatives=(("a", "b"),)), Requirement(("legal",), 1, (("a", "b"),))),
        (Requirement(("a",)), correction(alternatives=(("a", "b"),)), Requirement(("a",))),
        (Requirement((), 1, (("a", "b"),)), correction("b"), Requirement(("b",))),
        (
            Requirement((), 1, (("c", "d"),)),
            correction(alternatives=(("a", "b"),)),
            Requirement((), 1, (("a", "b"), ("c", "d"))),
        ),
    ],
)
def test_both_together(asked, before, together):
    assert ask_no_less(asked, before, is_asked=asked is not None) == together


def test_without_a_correction_nothing_changes():
    for asked in (None, Requirement(("revops",), 2)):
        assert ask_no_less(asked, None, is_asked=True) is asked


def test_who_was_asked_before_does_not_answer_for_what_nobody_may_approve():
    assert ask_no_less(None, correction("revops"), is_asked=True) is None


def test_nobody_is_still_nobody():
    assert ask_no_less(None, correction(), is_asked=False) is None


def test_the_check_asks_for_a_person():
    assert (CORRECTED.outcome, CORRECTED.code) == ("require_approval", "corrected_by_person")
