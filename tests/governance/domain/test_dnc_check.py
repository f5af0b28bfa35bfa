"""The check of the do-not-contact list: for everyone, whatever the tier (DNC-01/05)."""

import pytest

from governance.domain.check_result import denied, failed
from governance.domain.dnc_checks import judge_dnc
from governance.domain.facts import DncFacts, DncHit, RecipientFacts

MAIL = RecipientFacts(kind="email", address="jane@example.com")
PHONE = RecipientFacts(kind="phone", address="+14155552671")


def hit(kind, recipient=0):
    return DncFacts(asked=2, hits=(DncHit(entry="e1", kind=kind, recipient=recipient),))


@pytest.mark.parametrize(
    ("action", "facts", "code"),
    [
        ("update", None, "ok"),
        ("send_email", DncFacts(asked=2), "ok"),
        ("send_email", None, "check_failed"),
        ("send_email", DncFacts(asked=1), "check_failed"),
        ("send_email", hit("email"), "dnc_blocked"),
        ("enroll_sequence", hit("domain"), "dnc_blocked"),
        ("create_meeting", hit("company"), "dnc_blocked"),
        ("push_to_dialer", hit("person"), "dnc_blocked"),
        ("push_to_dialer", hit("phone", 1), "dnc_blocked"),
        ("push_to_dialer", hit("email"), "ok"),
        ("send_email", hit("phone", 1), "ok"),
        ("send_email", DncFacts(asked=2, unreadable=(0,)), "invalid_recipient"),
        ("send_email", DncFacts(asked=2, unreadable=(1,)), "ok"),
    ],
)
def test_what_the_list_says_decides(action, facts, code):
    assert judge_dnc(action, (MAIL, PHONE), facts).code == code


def test_recipients_that_could_not_be_read_deny():
    assert judge_dnc("send_email", None, DncFacts(asked=0)).code == "check_failed"


def test_mixed_scripts_go_to_a_person():
    odd = RecipientFacts(kind="email", address="jane@pаypal.example")
    result = judge_dnc("send_email", (odd,), DncFacts(asked=1))
    assert (result.outcome, result.code) == ("require_approval", "recipient_lookalike")


def test_the_message_names_kinds_and_nothing_of_the_entry():
    """DNC-05: agents learn that, not why."""
    hits = tuple(DncHit(entry="e1", kind=kind, recipient=0) for kind in ("email", "domain", "phone", "domain"))
    stopped = judge_dnc("send_email", (MAIL, PHONE), DncFacts(asked=2, hits=hits))
    assert stopped == denied("dnc", "dnc_blocked", "on the do-not-contact list by domain and email")


def test_what_could_not_be_asked_is_said_to_be_so():
    """Fail closed: the check is named, so that people know which one to mend."""
    assert judge_dnc("send_email", (MAIL,), None) == failed("dnc")
