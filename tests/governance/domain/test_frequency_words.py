"""LIM-06: what a cap tells the agent, how long it is to wait, what a batch takes, and what cannot be published."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from governance.domain.case import open_case
from governance.domain.check_result import denied, failed, passed
from governance.domain.document import FrequencyRule
from governance.domain.facts import FrequencyFacts, PersonFacts, RecipientFacts, RecordFacts, TouchFacts
from governance.domain.frequency_checks import (
    UNLIMITED,
    check_frequency,
    frequency_wait_seconds,
    judge_frequency,
    room_for,
)
from governance.domain.frequency_coherence import frequency_errors
from governance.domain.frequency_table import make_frequency_table
from governance.domain.touch_plan import add_planned, as_contended, claims_of, plan_touches, with_planned
from tests.builders.policy import AGENT, NOW, make_document, make_facts, make_index, make_request

JANE = (RecipientFacts(kind="email", address="jane@acme.example"),)
KEY, OTHER = "0" * 31 + "1", "0" * 31 + "2"


def cap(**values):
    return FrequencyRule(**{"key": "a", "name": "Gentle", "owner": "", "reason": "Because.", **values})


def touch(hours, **values):
    at = NOW - timedelta(hours=hours)
    return TouchFacts(**{"request": "1", "action": "send_email", "agent": AGENT, "at": at, **values})


def person(*touches, **values):
    return PersonFacts(**{"keys": (KEY,), "versions": (3,), "touches": touches, **values})


def facts(*people, contended=False, **values):
    request = make_request(action="send_email", object="emails")
    found = FrequencyFacts(asked=1, people=people, is_contended=contended)
    return make_facts(request, **{"recipients": JANE, "frequency": found, **values})


def case(rules, *people, **values):
    return open_case(make_index(frequency=tuple(rules)), facts(*people, **values))


COUNT = cap(max_touches=1, window_hours=24)
GAP = cap(key="b", name="Slow", min_gap_hours=48)
STOP = cap(key="c", name="Booked", stops_after=("meeting_booked",))
RUNS = cap(key="d", name="Running", stops_after=("in_sequence",))
NEVER = cap(key="e", name="Never", max_touches=0, window_hours=1)
MEETING = touch(5, action="create_meeting")


@pytest.mark.parametrize(
    ("rules", "people", "result", "wait"),
    [
        ([], [person()], passed("frequency", "everyone whom it reaches may be touched now"), None),
        (
            [COUNT],
            [person(touch(1))],
            denied(
                "frequency:a",
                "frequency_capped",
                "“Gentle”: the next touch of this recipient is possible at 2031-05-18 08:30 UTC. Because.",
            ),
            23 * 3_600,
        ),
        (
            [COUNT, GAP],
            [person(touch(1)), person(touch(2))],
            denied(
                "frequency:b",
                "frequency_capped",
                "“Slow”: the next touch of this recipient is possible at 2031-05-19 08:30 UTC. Because.",
            ),
            47 * 3_600,
        ),
        (
            [NEVER],
            [person()],
            denied("frequency:e", "frequency_capped", "“Never”: it allows no touch at all. Because."),
            None,
        ),
        (
            [STOP, NEVER, GAP],
            [person(MEETING)],
            denied(
                "frequency:c",
                "recipient_stopped",
                "“Booked”: a meeting with this recipient is booked; a person has to resume first. Because.",
            ),
            None,
        ),
        (
            [RUNS],
            [person(touch(5, action="enroll_sequence"))],
            denied(
                "frequency:d",
                "recipient_stopped",
                "“Running”: this recipient is in a sequence; a person has to resume first. Because.",
            ),
            None,
        ),
        (
            [COUNT],
            [person(touch(1)), person(is_stopped=True)],
            denied(
                "frequency",
                "recipient_stopped",
                "a person said that nobody may touch this recipient until somebody resumes",
            ),
            None,
        ),
    ],
)
def test_a_cap_says_who_it_is_and_when_to_come_back(rules, people, result, wait):
    judged = case(rules, *people)
    assert check_frequency(judged) == result
    assert frequency_wait_seconds(judged) == wait


def test_who_lost_the_race_for_someone_comes_back_at_once():
    lost = case([], person(), contended=True)
    assert check_frequency(lost) == denied(
        "frequency", "frequency_capped", "others reach for this recipient at this moment; try again"
    )
    assert frequency_wait_seconds(lost) == 1
    assert frequency_wait_seconds(case([COUNT], person(touch(23.9999)), contended=True)) == 1


def test_what_reaches_nobody_is_asked_nothing_and_what_is_unknown_is_denied():
    assert judge_frequency(make_frequency_table([NEVER]), make_facts()) == passed(
        "frequency", "the action reaches nobody"
    )
    unknown = case([], frequency=None)
    assert check_frequency(unknown) == failed("frequency")
    assert frequency_wait_seconds(unknown) is None


@pytest.mark.parametrize(
    ("values", "is_capped"),
    [
        ({}, True),
        ({"agent": AGENT}, True),
        ({"agent": "agent.other"}, False),
        ({"environment": "sandbox"}, True),
        ({"environment": "production"}, False),
        ({"channels": ("send_email",)}, True),
        ({"channels": ("push_to_dialer",)}, False),
        ({"segment_field": "country", "segment_value": "Germany"}, True),
        ({"segment_field": "country", "segment_value": "France"}, False),
        ({"segment_field": "size", "segment_value": "7"}, True),
        ({"segment_field": "website", "segment_value": "x"}, True),
        ({"segment_field": "nowhere", "segment_value": "x"}, True),
    ],
)
def test_a_cap_keeps_to_its_agent_place_channel_and_segment(values, is_capped):
    """Whoever's segment is not known counts as in it."""
    held = {"country": "Germany", "size": 7, "website": ""}
    judged = case(
        [cap(max_touches=0, window_hours=1, **values)], person(), target=RecordFacts(exists=True, values=held)
    )
    assert (check_frequency(judged).code == "frequency_capped") is is_capped


@pytest.mark.parametrize("target", [None, RecordFacts(exists=False, values={"country": "Germany"})])
def test_a_bare_address_is_no_way_around_a_segment(target):
    elsewhere = cap(max_touches=0, window_hours=1, segment_field="country", segment_value="France")
    assert check_frequency(case([elsewhere], person(), target=target)).code == "frequency_capped"


@pytest.mark.parametrize(
    ("rule", "touches", "is_free"),
    [
        (cap(max_touches=1, window_hours=24, agent=AGENT), [touch(1, agent="agent.other")], True),
        (cap(max_touches=1, window_hours=24), [touch(1, agent="agent.other")], False),
        (cap(max_touches=1, window_hours=24, channels=("send_email",)), [touch(1, action="create_meeting")], True),
        (cap(max_touches=2, window_hours=24), [touch(1), touch(2), touch(30)], False),
        (STOP, [touch(5, action="create_meeting", is_pending=True)], True),
        (STOP, [touch(5)], True),
        (RUNS, [touch(5, action="enroll_sequence", is_pending=True)], False),
    ],
)
def test_only_touches_of_its_own_kind_count(rule, touches, is_free):
    assert (check_frequency(case([rule], person(*touches))).code == "ok") is is_free


def test_after_somebody_resumed_only_what_came_later_stops():
    for hours, is_free in ((6, False), (5, True), (4, True)):
        resumed = person(MEETING, resumed_at=NOW - timedelta(hours=hours))
        assert (check_frequency(case([STOP], resumed)).code == "ok") is is_free


def test_with_several_too_many_one_waits_until_enough_of_them_are_past():
    crowded = person(touch(1), touch(2), touch(3))
    assert frequency_wait_seconds(case([cap(max_touches=2, window_hours=24)], crowded)) == 22 * 3_600
    assert frequency_wait_seconds(case([COUNT], crowded)) == 23 * 3_600
    waiting = person(touch(900, is_pending=True))
    assert frequency_wait_seconds(case([GAP], waiting)) == 48 * 3_600


# what one request and one batch take


def test_a_request_reserves_every_key_of_everyone_it_reaches():
    known = facts(person(keys=(KEY, OTHER), versions=(3, 8)), person(touch(1), keys=(OTHER,), versions=(8,)))
    table = make_frequency_table([cap(max_touches=3, window_hours=24)])
    plan = plan_touches(table, known, request_id=UUID(int=9))
    assert (plan.request_id, plan.action, plan.agent, plan.environment) == (
        UUID(int=9),
        "send_email",
        AGENT,
        "sandbox",
    )
    assert [(hold.key.hex, hold.person_number, hold.version, hold.room) for hold in plan.holds] == [
        (KEY, 0, 3, 3),
        (OTHER, 0, 8, 3),
        (OTHER, 1, 8, 2),
    ]
    nameless = plan_touches(table, facts(person(), agent=None), request_id=UUID(int=9))
    assert nameless.agent == ""
    assert plan_touches(table, facts(), request_id=UUID(int=9)) is None
    assert plan_touches(table, facts(frequency=None), request_id=UUID(int=9)) is None


def test_a_key_is_claimed_once_for_each_request_and_people():
    table = make_frequency_table([cap(max_touches=3, window_hours=24)])
    twice = facts(person(keys=(OTHER, KEY), versions=(8, 3)), person(keys=(OTHER,), versions=(8,)))
    claims = claims_of([plan_touches(table, twice, request_id=UUID(int=number)) for number in (1, 2)])
    assert [(claim.key.hex, claim.amount, claim.ceiling) for claim in claims] == [(KEY, 2, 7), (OTHER, 2, 12)]
    open_ended = plan_touches(make_frequency_table([]), facts(person()), request_id=UUID(int=1))
    assert [claim.ceiling for claim in claims_of([open_ended])] == [3 + UNLIMITED]


def test_what_earlier_items_of_a_batch_reserve_counts_for_later_ones():
    table, planned = make_frequency_table([COUNT]), {}
    known = facts(person(keys=(KEY, OTHER), versions=(1, 1)), person(keys=("f" * 32,), versions=(1,)))
    assert with_planned(known, planned) is known
    add_planned(planned, plan_touches(table, known, request_id=UUID(int=1)), now=NOW)
    first, second = with_planned(known, planned).frequency.people
    assert [(t.request, t.action, t.agent, t.at, t.is_pending) for t in first.touches] == [
        (str(UUID(int=1)), "send_email", AGENT, NOW, True)
    ]
    assert len(second.touches) == 1
    after = with_planned(known, planned)
    assert judge_frequency(table, after).code == "frequency_capped"
    assert room_for(table, after, first) == 0
    production = msgspec.structs.replace(
        known, connection=msgspec.structs.replace(known.connection, environment="production")
    )
    assert [p.touches for p in with_planned(production, planned).frequency.people] == [(), ()]
    nobody = facts(frequency=None)
    assert with_planned(nobody, planned) is nobody


def test_who_lost_again_and_again_is_contended():
    known = facts(person(touch(1)))
    lost = as_contended(known).frequency
    assert (lost.asked, lost.people, lost.is_contended) == (1, known.frequency.people, True)
    nobody = facts(frequency=None)
    assert as_contended(nobody) is nobody


def test_a_table_knows_what_must_be_looked_up_for_it():
    table = make_frequency_table([GAP, COUNT, cap(key="z", channels=("send_email",), segment_field="country")])
    assert [rule.key for rule in table.by_action["send_email"]] == ["a", "b", "z"]
    assert [rule.key for rule in table.by_action["push_to_dialer"]] == ["a", "b"]
    assert (table.horizon_hours, table.segment_fields, table.asks_enrolments) == (48, {"country"}, False)
    assert make_frequency_table([COUNT]).horizon_hours == 24
    assert make_frequency_table([RUNS]).asks_enrolments
    assert make_frequency_table([]).horizon_hours == 0


# what cannot be published

FINE = {"min_gap_hours": 1}


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, [("frequency_empty", "it limits nothing: give a count, a gap or a stop rule")]),
        (
            {"max_touches": 1},
            [("frequency_window", "a count of touches needs the hours in which it is counted")],
        ),
        ({**FINE, "window_hours": 1}, [("frequency_window", "hours to count in need a count")]),
        (
            {"max_touches": 101, "window_hours": 1},
            [("frequency_out_of_range", "a count lies between 0 and 100")],
        ),
        ({"max_touches": -1, "window_hours": 1}, [("frequency_out_of_range", "a count lies between 0 and 100")]),
        ({"min_gap_hours": 8_785}, [("frequency_out_of_range", "hours lie between 0 and 8784")]),
        ({"min_gap_hours": -1}, [("frequency_out_of_range", "hours lie between 0 and 8784")]),
        (
            {"max_touches": 1, "window_hours": 8_785},
            [("frequency_out_of_range", "hours lie between 0 and 8784")],
        ),
        ({"max_touches": 1, "window_hours": -1}, [("frequency_out_of_range", "hours lie between 0 and 8784")]),
        (
            {**FINE, "channels": ("fax", "carrier pigeon")},
            [
                ("unknown_value", "the channel `carrier pigeon` does not exist"),
                ("unknown_value", "the channel `fax` does not exist"),
            ],
        ),
        ({**FINE, "stops_after": ("reply",)}, [("unknown_value", "the stop rule `reply` does not exist")]),
        ({**FINE, "environment": "moon"}, [("unknown_value", "the environment `moon` does not exist")]),
        ({**FINE, "agent": "agent.ghost"}, [("unknown_agent", "there is no agent `agent.ghost`")]),
        (
            {**FINE, "segment_field": "ghost", "segment_value": "x"},
            [("unknown_field", "the field `ghost` is not registered")],
        ),
        (
            {**FINE, "segment_field": "country"},
            [("frequency_segment", "a segment is a field and the value that it holds: name both")],
        ),
        (
            {**FINE, "segment_value": "x"},
            [("frequency_segment", "a segment is a field and the value that it holds: name both")],
        ),
        ({"max_touches": 100, "window_hours": 8_784}, []),
        ({"min_gap_hours": 8_784, "agent": "agent.a", "environment": "production"}, []),
        ({"stops_after": ("in_sequence",), "segment_field": "country", "segment_value": "x"}, []),
        ({"max_touches": 0, "window_hours": 1}, []),
    ],
)
def test_a_cap_is_refused_in_words_that_say_what_would_do(values, found):
    errors = list(frequency_errors(make_document(frequency=(cap(**values),)), {"agent.a"}))
    assert [(error.code, error.message) for error in errors] == found
    assert {error.row for error in errors} <= {"frequency cap “Gentle”"}


def test_agents_are_asked_for_only_where_they_are_known():
    document = make_document(frequency=(cap(agent="agent.ghost", **FINE),))
    assert list(frequency_errors(document, None)) == []
