"""Whose a change at the CRM is: explained by an attempt, a person's, a machine's, or of nobody (drift)."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from approvals.domain.drift import Change, KnownWrite, Origin, Proven, World, judge_change, judge_changes

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
OURS = "integration:1000001"
WRITE = KnownWrite(
    request="r1",
    key="request:r1",
    record_id="7",
    values={"name": frozenset({"new"})},
    is_new_record=False,
    is_open=False,
    sent_at=AT,
    until=AT + timedelta(seconds=3),
)
CHANGE = Change(
    record_id="7", field="name", value="new", writer=OURS, actor="agent.enrichment", key="request:r1", at=AT
)


def world(*writes, **changes):
    told = {"writes": writes, "own_writers": frozenset({OURS}), "empty": "none", **changes}
    return World(**told)


def judge(change=CHANGE, write=WRITE, **told):
    judgement = judge_change(change, world(write, **told))
    return judgement and judgement.origin


def judge_all(changes, *writes, **told):
    return [one and one.origin for one in judge_changes(changes, world(*writes, **told))]


def changed(**values):
    return msgspec.structs.replace(CHANGE, **values)


def wrote(**values):
    return msgspec.structs.replace(WRITE, **values)


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    "change",
    [
        changed(),
        changed(key=""),
        changed(key="", at=AT - 4 * MINUTE),
        changed(key="", at=AT + 4 * MINUTE),
        changed(at=AT - HOUR),
        changed(at=AT + HOUR),
        changed(key="", field="", value="none"),
    ],
    ids=["keyed", "by value", "clock behind", "clock ahead", "keyed behind", "keyed ahead", "whole"],
)
def test_what_an_attempt_sent_is_explained(change):
    assert judge(change) is Origin.EXPLAINED


@pytest.mark.parametrize(
    "change",
    [
        changed(key="request:other"),
        changed(key="", value="other"),
        changed(value="other"),
        changed(key="", value="none"),
        changed(key="", at=AT - 6 * MINUTE),
        changed(key="", at=AT + 6 * MINUTE),
        changed(at=AT + 2 * HOUR),
        changed(record_id="8"),
        changed(field="phone"),
        changed(key="", field="", value="none", at=AT + HOUR),
        changed(writer="user:5", key="request:forged"),
    ],
    ids=[
        "a key nobody knows",
        "another value",
        "another value under our key",
        "emptied",
        "too early",
        "too late",
        "a key used again",
        "another record",
        "another field",
        "some field, later",
        "a forged key",
    ],
)
def test_with_our_credential_and_of_no_attempt_it_is_ungoverned(change):
    assert judge(change) is Origin.UNGOVERNED


def test_while_nobody_knows_what_came_of_a_write_other_values_of_its_fields_wait():
    """EXE-03: an unknown outcome is a person's to settle, no incident, and no licence: what it explains is judged when
    it has settled, by value."""
    still_open = wrote(is_open=True, until=AT + 48 * HOUR)
    settled = wrote(values={"name": frozenset({"new", "as the CRM spelled it"})}, until=AT + 48 * HOUR)
    spelled, foreign = changed(key="", value="as the CRM spelled it"), changed(key="", value="other", at=AT + 40 * HOUR)
    assert judge(changed(key=""), still_open) is Origin.EXPLAINED
    assert [judge(spelled, still_open), judge(foreign, still_open)] == [None, None]
    assert judge(changed(key="", field="phone"), still_open) is Origin.UNGOVERNED, "it never sent that field"
    assert [judge(spelled, settled), judge(foreign, settled)] == [Origin.EXPLAINED, Origin.UNGOVERNED]


CREATE = wrote(is_new_record=True, record_id="7")


def test_a_new_record_comes_with_values_that_nobody_asked_for_at_its_own_moment_alone():
    """SEC-01: that we made a record explains neither what is written to it afterwards, nor our key copied onto it."""
    filled = changed(field="hs_timestamp", value="now")
    later, keyless = changed(field="phone", value="x", at=AT + MINUTE), changed(field="phone", key="", at=AT + MINUTE)
    overwritten = changed(value="other", at=AT + MINUTE)
    told = judge_all([changed(), filled, later, keyless, overwritten], CREATE)
    assert told == [Origin.EXPLAINED, Origin.AUTOMATION, *[Origin.UNGOVERNED] * 3]
    assert judge_all([changed(), filled], wrote(is_new_record=True, record_id="8")) == [Origin.UNGOVERNED] * 2


def test_of_a_record_that_may_still_be_made_what_bears_our_key_waits():
    """EXE-03"""
    still_open = wrote(is_new_record=True, record_id="", is_open=True)
    alone = changed(field="hs_timestamp", value="now")
    assert judge_all([alone], still_open) == [None]
    assert judge_all([alone, changed(field="phone", key="")], CREATE) == [Origin.UNGOVERNED] * 2


def test_a_value_that_goes_back_by_way_of_empty_is_explained_and_an_emptied_one_is_not():
    """SEC-01: whoever empties what we wrote, minutes after us, is told of."""
    second = timedelta(seconds=1)
    emptied, emptied_later = (
        changed(key="", value="none", at=AT - second),
        changed(key="", value="none", at=AT + MINUTE),
    )
    long_before = changed(key="", value="none", at=AT - MINUTE)
    told = judge_all([changed(), emptied, emptied_later, long_before], WRITE)
    assert told == [Origin.EXPLAINED, Origin.EXPLAINED, Origin.UNGOVERNED, Origin.UNGOVERNED]
    assert (
        judge_all([changed(key="", value="none", at=AT - second, writer="user:5"), changed()], WRITE)[0]
        is Origin.PERSON
    )
    before = Proven(record_id="7", field="name", writer=OURS, at=AT, request="r1")
    assert judge_all([emptied], WRITE, proven=[before]) == [Origin.EXPLAINED], "judged in an earlier batch"


@pytest.mark.parametrize(
    ("writer", "actor", "origin"),
    [
        ("user:5", "user:5", Origin.PERSON),
        ("", "human:rep", Origin.PERSON),
        ("integration:77", "integration:77", Origin.AUTOMATION),
        ("workflow:3", "workflow:3", Origin.AUTOMATION),
        ("", "import:9", Origin.AUTOMATION),
    ],
)
def test_what_others_wrote_is_told_apart(writer, actor, origin):
    assert judge(changed(writer=writer, actor=actor, key="", value="other")) is origin


def test_a_person_who_writes_over_a_watched_value_is_told_apart():
    watched = {("7", "name"): AT}
    rep = changed(writer="user:5", key="", value="other", at=AT + HOUR)
    assert judge(rep, watched=watched) is Origin.OVERWRITTEN
    assert judge(msgspec.structs.replace(rep, at=AT - HOUR), watched=watched) is Origin.PERSON
    assert judge(msgspec.structs.replace(rep, field="phone"), watched=watched) is Origin.PERSON


def test_what_the_crm_changed_in_the_same_save_is_its_own_automation():
    flow = changed(field="rating", value="hot", key="")
    later = changed(field="rating", value="cold", key="", at=AT + MINUTE)
    told = judge_changes([changed(), flow, later], world(WRITE))
    assert [one.origin for one in told] == [Origin.EXPLAINED, Origin.AUTOMATION, Origin.UNGOVERNED]
    assert told[1].request == "r1"


def test_whom_the_crm_names_for_us_is_learnt_from_our_own_keys():
    stray = changed(key="", value="other", record_id="9")
    told = judge_changes([changed(), stray], world(WRITE, own_writers=frozenset()))
    assert [one.origin for one in told] == [Origin.EXPLAINED, Origin.UNGOVERNED]
    alone = judge_changes([stray], world(WRITE, own_writers=frozenset()))
    assert [one.origin for one in alone] == [Origin.AUTOMATION], "nobody can tell it yet"
