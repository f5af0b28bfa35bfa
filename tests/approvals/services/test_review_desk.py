"""Holding, escalating, looking at one thing with two people, and an agent's record on a field (APR-03, APR-09)."""

from datetime import timedelta
from uuid import UUID

import pytest

from approvals.domain.put_off import put_off_until
from approvals.models import AgentActionRequest, EscalationNote, Reservation, Snooze, TrackRecord, Vote
from approvals.selectors.desk_news import LASTS
from approvals.selectors.inbox import list_inbox
from approvals.selectors.neighbours import find_neighbour
from approvals.services.escalation_by_person import escalate_request
from approvals.services.followers import follow_ledger
from approvals.services.reservations import forget_reservations, leave, look_at, pick_free
from approvals.services.revert import revert_request
from approvals.services.review_errors import (
    AlreadyDecidedError,
    EscalationRefusedError,
    NotAnApproverError,
    SnoozeRefusedError,
)
from approvals.services.snoozing import BEFORE_EXPIRY, end_snooze, forget_snoozes, snooze_request
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from audit.services.sequence import sequence_pending
from governance.models import ActionTier, Membership
from tests.builders.api import make_site
from tests.builders.approvals import correct, execute, get, make_approver, submit, submit_pending, vote
from tests.builders.governance import allow, make_group, make_person, make_user, publish

pytestmark = pytest.mark.django_db


def snooze(site, request, *, hours=1.0, person=None, user=None):
    now = get_now()
    return snooze_request(
        request_id=request.pk,
        person_id=(person or site.world.approver).pk,
        user_id=(user or site.world.approver_user).pk,
        until=now + timedelta(hours=hours),
        now=now,
    )


def inbox_of(site, person=None):
    page = list_inbox(workspace_id=site.world.workspace.pk, person_id=(person or site.world.approver).pk)
    return [row.pk for row in page.requests]


# ---- hold ----


def test_what_is_held_leaves_one_inbox_and_no_other():
    site = make_site()
    second, _ = make_approver(site, "Bo Second")
    request = submit_pending(site)
    snooze(site, request)
    assert (inbox_of(site), inbox_of(site, second)) == ([], [request.pk])
    assert get(request.pk).status == "pending"
    assert LedgerEvent.objects.filter(type="request.snoozed").count() == 1


def test_it_returns_by_itself():
    site = make_site()
    request = submit_pending(site)
    snooze(site, request)
    Snooze.objects.update(until=get_now() - timedelta(seconds=1))
    assert inbox_of(site) == [request.pk]


def test_it_returns_before_it_expires():
    site = make_site()
    request = submit_pending(site)
    assert snooze(site, request, hours=9_999) == request.expires_at - BEFORE_EXPIRY
    AgentActionRequest.objects.filter(pk=request.pk).update(expires_at=get_now() + timedelta(minutes=20))
    with pytest.raises(SnoozeRefusedError):
        snooze(site, request)


def test_a_moment_that_is_over_is_refused():
    site = make_site()
    with pytest.raises(SnoozeRefusedError):
        snooze(site, submit_pending(site), hours=0)


def test_one_brings_back_ones_own():
    site = make_site()
    second, user = make_approver(site, "Bo Second")
    request = submit_pending(site)
    snooze(site, request)
    end_snooze(request_id=request.pk, person_id=second.pk, user_id=user.pk, now=get_now())
    assert inbox_of(site) == []
    end_snooze(
        request_id=request.pk, person_id=site.world.approver.pk, user_id=site.world.approver_user.pk, now=get_now()
    )
    assert inbox_of(site) == [request.pk]


def test_only_who_decides_it_holds_it():
    site = make_site()
    request = submit_pending(site)
    outsider = make_person("Otto Outsider")
    user = make_user(outsider)
    with pytest.raises(NotAnApproverError):
        snooze(site, request, person=outsider, user=user)
    allow(user, site.world.workspace, "review_requests")
    with pytest.raises(NotAnApproverError):
        snooze(site, request, person=outsider, user=user)
    vote(site, request)
    with pytest.raises(AlreadyDecidedError):
        snooze(site, request)
    assert not Snooze.objects.exists()


def test_holds_and_looks_of_long_ago_are_forgotten():
    site = make_site()
    request = submit_pending(site)
    snooze(site, request)
    look_at(request_id=request.pk, person_id=site.world.approver.pk, now=get_now())
    later = get_now() + timedelta(days=400)
    assert (forget_snoozes(before=later), forget_reservations(before=later)) == (1, 1)


@pytest.mark.parametrize("choice", ["", "never", "2031-99-99T00:00", "x" * 100])
def test_what_is_no_moment_is_none(choice):
    assert put_off_until(choice, now=get_now()) is None


def test_tomorrow_is_tomorrow_morning():
    now = get_now().replace(hour=23, minute=50)
    until = put_off_until("tomorrow", now=now)
    assert (until - now < timedelta(hours=10), until.hour, until.minute) == (True, 9, 0)
    assert put_off_until("2031-05-17T09:30", now=now).utcoffset() == timedelta(0)


# ---- two people on one thing ----


def test_the_second_person_is_told_who_looks_and_since_when():
    site = make_site()
    second, _ = make_approver(site, "Bo Second")
    request, now = submit_pending(site), get_now()
    assert look_at(request_id=request.pk, person_id=site.world.approver.pk, now=now) == ()
    found = look_at(request_id=request.pk, person_id=second.pk, now=now + timedelta(minutes=1))
    assert [(item.person, item.at) for item in found] == [("Rosa Revops", now)]


def test_a_mark_lapses_and_is_renewed():
    site = make_site()
    second, _ = make_approver(site, "Bo Second")
    request, now, rosa = submit_pending(site), get_now(), site.world.approver.pk
    look_at(request_id=request.pk, person_id=rosa, now=now)
    look_at(request_id=request.pk, person_id=rosa, now=now + timedelta(minutes=4))
    found = look_at(request_id=request.pk, person_id=second.pk, now=now + timedelta(minutes=8))
    assert [item.at for item in found] == [now], "renewed, it is one look since the beginning"
    later = now + timedelta(minutes=8) + LASTS
    assert look_at(request_id=request.pk, person_id=second.pk, now=later) == ()
    again = look_at(request_id=request.pk, person_id=rosa, now=later)
    assert [item.person for item in again] == ["Bo Second"]
    assert Reservation.objects.get(person=rosa).started_at == later
    leave(request_id=request.pk, person_id=rosa)
    assert Reservation.objects.count() == 1


def test_looking_decides_nothing():
    """First commit wins, whoever looked first."""
    site = make_site()
    second, user = make_approver(site, "Bo Second")
    request = submit_pending(site)
    look_at(request_id=request.pk, person_id=site.world.approver.pk, now=get_now())
    assert vote(site, request, person=second, user=user).status == "approved"


def test_the_next_one_is_one_that_nobody_looks_at():
    site = make_site()
    second, _ = make_approver(site, "Bo Second")
    one, two, now = submit_pending(site), submit_pending(site), get_now()
    look_at(request_id=one.pk, person_id=second.pk, now=now)
    me = site.world.approver.pk
    assert pick_free([one.pk, two.pk], person_id=me, now=now) == two.pk
    assert pick_free([one.pk, two.pk], person_id=second.pk, now=now) == one.pk
    look_at(request_id=two.pk, person_id=second.pk, now=now)
    assert pick_free([one.pk, two.pk], person_id=me, now=now) == one.pk
    assert pick_free([], person_id=me, now=now) is None


def test_next_and_previous_are_ones_own():
    site = make_site()
    rows = [submit_pending(site) for _ in range(4)]
    snooze(site, rows[1])
    me = site.world.approver.pk
    assert find_neighbour(rows[0], person_id=me, is_forward=True) == rows[2].pk
    assert find_neighbour(rows[3], person_id=me, is_forward=False) == rows[2].pk
    assert find_neighbour(rows[2], person_id=me, is_forward=False) == rows[0].pk
    assert find_neighbour(rows[0], person_id=me, is_forward=False) is None
    assert find_neighbour(rows[3], person_id=me, is_forward=True) is None
    assert find_neighbour(rows[3], person_id=None, is_forward=False) is None
    assert find_neighbour(rows[3], person_id=me, is_forward=False, agent="agent.other") is None
    assert find_neighbour(rows[3], person_id=make_person("Otto Outsider").pk, is_forward=False) is None


# ---- escalate ----


def escalate(site, request, *, note="the amount is beyond me", person=None, user=None):
    return escalate_request(
        request_id=request.pk,
        person_id=(person or site.world.approver).pk,
        user_id=(user or site.world.approver_user).pk,
        note=note,
        now=get_now(),
    )


def with_backup(site):
    chief = make_person("Cleo Chief")
    user = make_user(chief)
    allow(user, site.world.workspace, "view_requests", "review_requests")
    site.world.group.backup_group = make_group(site.world.workspace, "heads", chief)
    site.world.group.save()
    return chief, user


def test_the_backup_may_decide_what_was_escalated_and_nothing_else():
    site = make_site()
    chief, user = with_backup(site)
    request, other = submit_pending(site), submit_pending(site)
    with pytest.raises(NotAnApproverError):
        vote(site, request, person=chief, user=user)

    assert escalate(site, request) == ("Heads",)

    assert inbox_of(site, chief) == [request.pk]
    with pytest.raises(NotAnApproverError):
        vote(site, other, person=chief, user=user)
    assert vote(site, request, person=chief, user=user).status == "approved"
    assert execute(request.pk) == "executed"
    event = LedgerEvent.objects.get(type="request.escalated")
    assert b"beyond me" not in bytes(event.body), "the note is kept where it can be erased"
    assert EscalationNote.objects.get().note == "the amount is beyond me"


def test_escalating_lowers_nothing():
    """APR-07: two people stay two people."""
    site = make_site()
    chief, user = with_backup(site)
    make_approver(site, "Bo Second")
    ActionTier.objects.filter(workspace=site.world.workspace, action="update").update(approvals_needed=2)
    publish(site.world)
    request = submit_pending(site)
    escalate(site, request)
    assert vote(site, request, person=chief, user=user).status == "pending"
    assert vote(site, request).status == "approved"


def test_who_may_not_decide_may_not_as_a_backup_either():
    site = make_site()
    with_backup(site)
    owner = make_user(site.world.owner)
    allow(owner, site.world.workspace, "review_requests")
    Membership.objects.create(group=site.world.group.backup_group, person=site.world.owner)
    request = submit_pending(site)
    escalate(site, request)
    assert inbox_of(site, site.world.owner) == []


def test_escalating_takes_a_note_a_backup_and_a_right():
    site = make_site()
    request = submit_pending(site)
    with pytest.raises(EscalationRefusedError, match="none of its groups"):
        escalate(site, request)
    chief, user = with_backup(site)
    with pytest.raises(EscalationRefusedError, match="say why"):
        escalate(site, request, note="  ")
    with pytest.raises(NotAnApproverError):
        escalate(site, request, person=chief, user=user)
    escalate(site, request)
    with pytest.raises(EscalationRefusedError, match="already"):
        escalate(site, request)
    assert EscalationNote.objects.count() == 1


# ---- the agent's record ----


def track():
    sequence_pending(now=get_now())
    follow_ledger()


def record_of(site, field="name"):
    row = TrackRecord.objects.filter(agent=site.world.agent, object_type="companies", field=field).first()
    return [entry["verdict"] for entry in row.entries] if row else []


def test_what_people_decide_is_remembered_field_by_field():
    site = make_site()
    first, second = submit_pending(site), submit_pending(site)
    third = submit_pending(site, changes={"name": "Umicore NV", "numberofemployees": 220}, expected=None)
    vote(site, first)
    vote(site, second, verdict="deny", reason="no")
    correct(site, third, name="Umicore SA")
    track()
    assert record_of(site) == ["corrected", "denied", "accepted"]
    assert record_of(site, "numberofemployees") == ["accepted"]
    row = TrackRecord.objects.get(agent=site.world.agent, field="name")
    assert UUID(row.entries[0]["request"]) == third.pk
    assert row.entries[0]["by"] == str(site.world.approver.pk)
    track()
    assert record_of(site) == ["corrected", "denied", "accepted"]


def test_what_policy_settles_is_nobodys_opinion():

    site = make_site()
    submit(site)
    submit(site, confidence=0.1)
    track()
    assert not TrackRecord.objects.exists()


def test_a_revert_is_remembered():

    site = make_site()
    request = submit_pending(site)
    vote(site, request)
    assert execute(request.pk) == "executed"
    track()
    done = revert_request(
        request_id=request.pk,
        person_id=site.world.approver.pk,
        user_id=site.world.approver_user.pk,
        reason="wrong",
        now=get_now(),
    )
    assert execute(done.request_id) == "executed"
    track()
    assert record_of(site) == ["reverted"]
    assert Vote.objects.filter(request=request).exists()
