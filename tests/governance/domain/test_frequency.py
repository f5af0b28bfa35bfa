"""Frequency caps in the pure engine: counts, gaps, stop rules, what they say and what cannot be published (LIM-06)."""

from datetime import timedelta

import msgspec
import pytest

from audit.domain.identifier import new_id
from governance.domain.coherence import find_errors
from governance.domain.diff import diff_documents
from governance.domain.document import FrequencyRule
from governance.domain.facts import FrequencyFacts, PersonFacts, RecipientFacts, TouchFacts
from governance.domain.frequency_checks import UNLIMITED, judge_frequency, room_for
from governance.domain.frequency_table import make_frequency_table
from governance.domain.frequency_words import frequency_sentence
from governance.domain.touch_plan import TouchHold, TouchPlan, claims_of
from governance.domain.vocabulary import StopTrigger
from tests.builders.policy import NOW, make_document, make_facts, make_request

JANE = (RecipientFacts(kind="email", address="jane@acme.example"),)


def cap(**values):
    return FrequencyRule(**{"key": "a", "name": "A", "owner": "", "reason": "Because.", **values})


def touch(hours, **values):
    return TouchFacts(
        **{"request": "1", "action": "send_email", "agent": "a", "at": NOW - timedelta(hours=hours), **values}
    )


def person(*touches, **values):
    return PersonFacts(keys=("00" * 16,), versions=(3,), touches=touches, **values)


def facts(*people, **values):
    request = make_request(action="send_email", object="emails")
    return make_facts(request, recipients=JANE, frequency=FrequencyFacts(asked=1, people=people), **values)


def code(rules, *people):
    return judge_frequency(make_frequency_table(rules), facts(*people)).code


WAITING = touch(9, action="enroll_sequence", is_pending=True)


@pytest.mark.parametrize(
    ("rule", "touches", "expected"),
    [
        (cap(max_touches=2, window_hours=24), (touch(1),), "ok"),
        (cap(max_touches=2, window_hours=24), (touch(1), touch(23)), "frequency_capped"),
        (cap(max_touches=2, window_hours=24), (touch(1), touch(24)), "ok"),
        (cap(max_touches=1, window_hours=1), (touch(900, is_pending=True),), "frequency_capped"),
        (cap(max_touches=0, window_hours=1), (), "frequency_capped"),
        (cap(min_gap_hours=2), (touch(1.9),), "frequency_capped"),
        (cap(min_gap_hours=2), (touch(2),), "ok"),
        (cap(min_gap_hours=2, channels=("push_to_dialer", "send_email")), (touch(1, action="create_meeting"),), "ok"),
        (cap(stops_after=("meeting_booked",)), (touch(9999, action="create_meeting"),), "recipient_stopped"),
        (cap(stops_after=("meeting_booked",)), (touch(9, action="create_meeting", is_live=False),), "ok"),
        (cap(stops_after=("in_sequence",)), (WAITING,), "recipient_stopped"),
    ],
)  # fmt: skip
def test_one_cap_and_one_person(rule, touches, expected):
    assert code([rule], person(*touches)) == expected


def test_the_strictest_of_several_speaks():
    """A stop outweighs a count; of two counts the one that takes longer is told."""
    rules = [cap(key="short", min_gap_hours=2), cap(key="long", max_touches=1, window_hours=48)]
    result = judge_frequency(make_frequency_table(rules), facts(person(touch(1))))
    assert (result.check, result.code) == ("frequency:long", "frequency_capped")
    stop = cap(key="stop", stops_after=("meeting_booked",))
    result = judge_frequency(make_frequency_table([*rules, stop]), facts(person(touch(1, action="create_meeting"))))
    assert (result.check, result.code) == ("frequency:stop", "recipient_stopped")


def test_one_of_many_people_is_enough():
    assert code([cap(min_gap_hours=2)], person(), person(touch(1))) == "frequency_capped"


def test_what_cannot_be_known_is_denied():
    table = make_frequency_table(())
    known = facts(person())
    for wrong in (None, FrequencyFacts(asked=2)):
        assert judge_frequency(table, msgspec.structs.replace(known, frequency=wrong)).code == "check_failed"
    assert judge_frequency(table, msgspec.structs.replace(known, recipients=None)).code == "check_failed"
    assert judge_frequency(table, known).code == "ok"


@pytest.mark.parametrize(
    ("rules", "touches", "room"),
    [
        ((), (), UNLIMITED),
        ((cap(max_touches=3, window_hours=24),), (touch(1),), 2),
        ((cap(max_touches=3, window_hours=24), cap(key="b", min_gap_hours=1)), (), 1),
        ((cap(max_touches=3, window_hours=24), cap(key="b", stops_after=("in_sequence",))), (), 1),
        ((cap(max_touches=1, window_hours=24),), (touch(1),), 0),
    ],
)
def test_how_much_room_a_reservation_may_lose(rules, touches, room):
    """With a gap or a stop rule nobody may come between; without a cap everybody may."""
    known = facts(person(*touches))
    assert room_for(make_frequency_table(rules), known, known.frequency.people[0]) == room


def test_items_of_one_batch_claim_a_key_together():
    """The least room decides, and the version rises once for each item."""
    key = new_id()
    named = {"action": "send_email", "agent": "a", "environment": "sandbox"}
    plans = [TouchPlan(request_id=new_id(), holds=(TouchHold(key, 0, 4, room),), **named) for room in (3, 2)]
    (claim,) = claims_of(plans)
    assert (claim.amount, claim.ceiling) == (2, 7)  # 4 now, one more from elsewhere may come between


def test_every_stop_rule_has_a_source():
    """Declared means enforced: each word is triggered by some touch, or by a reply."""
    reached = [person(touch(1, action=action)) for action in ("create_meeting", "enroll_sequence")]
    answered = msgspec.structs.replace(person(), replied_at=NOW)
    for word in StopTrigger:
        found = {code([cap(stops_after=(word.value,))], who) for who in (*reached, answered)}
        assert "recipient_stopped" in found


@pytest.mark.parametrize(
    ("replied", "resumed", "expected"),
    [(5, None, "recipient_stopped"), (5, 6, "recipient_stopped"), (5, 5, "ok"), (5, 4, "ok"), (None, None, "ok")],
)
def test_a_reply_stops_until_a_person_resumes_and_only_where_a_cap_says_so(replied, resumed, expected):
    """LIM-06: hours ago; what was resumed at that moment or later stops no more."""
    times = {"replied_at": hours_ago(replied), "resumed_at": hours_ago(resumed)}
    who = msgspec.structs.replace(person(), **times)
    assert code([cap(stops_after=("replied",))], who) == expected
    assert code([cap(stops_after=("meeting_booked",))], who) == "ok"


def hours_ago(hours):
    return NOW - timedelta(hours=hours) if hours is not None else None


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({}, "frequency_empty"),
        ({"max_touches": 1}, "frequency_window"),
        ({"window_hours": 1, "min_gap_hours": 1}, "frequency_window"),
        ({"max_touches": 101, "window_hours": 1}, "frequency_out_of_range"),
        ({"min_gap_hours": 9000}, "frequency_out_of_range"),
        ({"min_gap_hours": 1, "channels": ("fax",)}, "unknown_value"),
        ({"stops_after": ("reply",)}, "unknown_value"),
        ({"min_gap_hours": 1, "environment": "staging"}, "unknown_value"),
        ({"min_gap_hours": 1, "agent": "agent.ghost"}, "unknown_agent"),
        ({"min_gap_hours": 1, "segment_field": "ghost", "segment_value": "x"}, "unknown_field"),
        ({"min_gap_hours": 1, "segment_field": "country"}, "frequency_segment"),
    ],
)
def test_a_cap_that_means_nothing_is_not_published(values, error):
    document = make_document(frequency=(cap(**values),))
    found = [item for item in find_errors(document, {}, {"agent.a"}) if item.row == "frequency cap “A”"]
    assert error in {item.code for item in found}


def test_a_cap_is_told_as_a_sentence_and_its_change_in_words():
    rule = cap(
        max_touches=2,
        window_hours=168,
        min_gap_hours=24,
        stops_after=("meeting_booked",),
        channels=("send_email", "push_to_dialer"),
        agent="agent.a",
        environment="production",
        segment_field="country",
        segment_value="Germany",
    )
    assert frequency_sentence(rule) == (
        "At most 2 touches in any 7 days; at least 24 hours between two touches; none once a meeting is booked, until "
        "a person resumes (by e-mail, call, by `agent.a`, in production, where country is Germany)."
    )
    wider = msgspec.structs.replace(rule, max_touches=3)
    (change,) = diff_documents(make_document(frequency=(rule,)), make_document(frequency=(wider,)))
    assert change.message == "frequency cap “A”: touches at most `2` → `3`"
