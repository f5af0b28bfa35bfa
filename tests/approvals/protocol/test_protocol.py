"""The protocol of the one write, walked whole: what holds in every order, and that each guard is what it hangs on."""

import pytest

from tests.approvals.protocol.model import Design, walk


def test_exactly_once_where_the_crm_has_a_key_and_a_condition():
    """EXE-02, EXE-03, EXE-05, KIL-01: class A, whatever crashes, whoever edits, whenever everything is stopped."""
    found = walk(Design("A"))
    assert (found.broken, found.stuck) == (frozenset(), frozenset())
    assert found.count > 1_000  # it went somewhere


def test_at_most_once_where_the_crm_has_neither():
    """EXE-02: class C, as an e-mail: nobody sends it again to find out."""
    found = walk(Design("C"))
    assert (found.broken, found.stuck) == (frozenset(), frozenset())


def test_what_is_published_of_an_idempotent_set_is_all_that_can_happen():
    """EXE-05: class B says that it may set the same values again, and that a person's edit right before the write can
    be overwritten. Both are real, and there is nothing else."""
    found = walk(Design("B"))
    assert (found.broken, found.stuck) == (frozenset({"written twice", "overwrote a person"}), frozenset())


@pytest.mark.parametrize(
    ("weaker", "promise"),
    [
        (Design(has_kill_lock=False), "late claim"),
        (Design(has_kill_lock=False), "late send"),
        (Design(has_second_gate=False), "late send"),
        (Design("C", looks_before_again=False), "written twice"),
        (Design("C", has_fence=False, has_session_lock=False), "written twice"),
    ],
)
def test_without_its_guard_the_walk_finds_what_the_guard_is_for(weaker, promise):
    """A model that finds nothing wrong with a wrong design proves nothing."""
    found = walk(weaker)
    assert promise in found.broken
    assert found.ways[promise]
