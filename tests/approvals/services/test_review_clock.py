"""What waits reminds, escalates and is never lost: the clock, the backup, and nobody left (APR-05, APR-09)."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from guardian.models import UserObjectPermission
from guardian.shortcuts import assign_perm

from approvals.domain.review_clock import escalation_at, reminder_at
from approvals.domain.working_time import WorkCalendar
from approvals.models import AgentActionRequest, ExceptionCalendar, Reassessment, ReviewStep, Stranded
from approvals.services.followers import follow_ledger
from approvals.services.review import NotAnApproverError, SelfApprovalError
from approvals.services.review_clock import run_clocks, run_step
from approvals.services.stranding import reassess
from approvals.services.sweep import run_due
from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from audit.selectors.events import list_events
from audit.services.maintain import maintain_ledger
from governance.models import ApproverGroup, Membership, StandIn
from governance.services.credentials import rotate_credential
from governance.services.memberships import end_membership
from governance.services.roles import withdraw_role
from governance.services.stand_ins import end_late_stand_ins
from tests.builders.api import make_site
from tests.builders.approvals import execute, get, make_approver, submit_pending, vote
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import allow, make_agent, make_group, make_user, make_workspace
from tests.builders.routing import make_colleague, stand_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def backup(site):
    """A group of one that backs `revops`."""
    bea, user = make_colleague(site, "Bea Backup")
    group = make_group(site.world.workspace, "backup", bea)
    ApproverGroup.objects.filter(pk=site.world.group.pk).update(backup_group=group)
    return bea, user


def hear():
    """What the ledger tells reaches whoever follows it."""
    maintain_ledger(now=get_now())
    follow_ledger()


def make_due(kind):
    return ReviewStep.objects.filter(kind=kind).update(due_at=get_now() - timedelta(seconds=1))


def leave(site, person=None):
    row = Membership.objects.get(person=person or site.world.approver, group=site.world.group)
    admin = make_login(site.world.workspace, "manage_agents", name=f"Admin for {row.person.name}")
    end_membership(membership_id=row.pk, actor=Actor("human", "x"), user_id=admin.pk, now=get_now())


def told(request, event_type):
    return [entry.data for entry in list_events(subject_ids=[str(request.pk)], type=event_type)]


def test_the_clock_is_bounded_by_the_requests_own_time():
    asked = get_now()
    ends = asked + timedelta(hours=2)
    assert reminder_at(asked_at=asked, expires_at=ends, minutes=30) == asked + timedelta(minutes=30)
    assert reminder_at(asked_at=asked, expires_at=ends, minutes=600) == asked + timedelta(hours=1)
    assert escalation_at(asked_at=asked, expires_at=ends, minutes=600) == asked + timedelta(minutes=90)
    assert escalation_at(asked_at=asked, expires_at=None, minutes=600) == asked + timedelta(hours=10)
    assert reminder_at(asked_at=asked, expires_at=ends, minutes=0) is None


def test_a_clock_in_business_hours_stands_still_at_night_and_the_requests_own_time_does_not():
    """APR-09: asked on Friday at 17:30, an hour of work ends on Monday at 9:30; the request's half bounds it still."""
    calendar = WorkCalendar(days=frozenset(range(5)), opens=time(9), closes=time(18), zone="Europe/Zurich")
    friday = datetime(2026, 11, 20, 17, 30, tzinfo=ZoneInfo("Europe/Zurich"))
    monday = friday.replace(day=23, hour=9)
    assert escalation_at(asked_at=friday, expires_at=None, minutes=60, calendar=calendar) == monday
    soon = friday + timedelta(hours=8)
    assert reminder_at(asked_at=friday, expires_at=soon, minutes=60, calendar=calendar) == friday + timedelta(hours=4)
    assert reminder_at(asked_at=friday, expires_at=soon, minutes=0, calendar=calendar) is None


@pytest.mark.parametrize("is_on", [True, False])
def test_a_groups_clocks_count_business_hours_where_the_group_says_so(site, is_on):
    """Declared means enforced: the group's choice and the workspace's calendar decide when it reminds."""
    closed_for_days = [(get_now().weekday() + 3) % 7]
    ExceptionCalendar.objects.create(workspace=site.world.workspace, working_days=closed_for_days)
    ApproverGroup.objects.filter(pk=site.world.group.pk).update(counts_business_hours=is_on)
    request = submit_pending(site)
    hear()
    due = ReviewStep.objects.get(request=request, kind="reminder").due_at
    assert (due > request.created_at + timedelta(hours=2)) is is_on


def test_a_waiting_request_reminds_once_and_only_when_its_time_has_come(site):
    request = submit_pending(site)
    hear()
    assert ReviewStep.objects.filter(request=request).count() == 2
    assert run_clocks() == 0

    make_due("reminder")
    assert (run_clocks(), run_clocks()) == (1, 0)
    step = ReviewStep.objects.get(kind="reminder")
    assert run_step(step_id=step.pk) is False
    assert told(request, "request.reminded") == [{"group": "revops", "cause": "clock"}]


def test_hearing_twice_opens_no_second_clock(site):
    request = submit_pending(site)
    hear()
    hear()
    assert ReviewStep.objects.filter(request=request).count() == 2


def test_after_the_escalation_the_backup_decides_in_the_groups_place(site, backup):
    """APR-09: not before, beside the group, and the vote says through which group."""
    bea, user = backup
    request = submit_pending(site)
    hear()
    with pytest.raises(NotAnApproverError):
        vote(site, request, person=bea, user=user)
    make_due("escalation")
    run_due(worker="test")
    assert told(request, "request.escalated") == [{"group": "revops", "backup": "backup", "cause": "clock"}]

    assert str(request.pk) in text_of(log_in(user).get(reverse("approvals:inbox")))
    page = text_of(log_in(user).get(reverse("approvals:review", args=[request.pk])))
    assert "Bea Backup (Backup)" in page
    assert vote(site, request, person=bea, user=user).status == "approved"
    assert request.votes.get().seats == [{"group": "revops", "through": "backup", "stands_for": ""}]
    assert execute(request.pk) == "executed"


def test_the_group_itself_may_still_decide(site, backup):
    request = submit_pending(site)
    hear()
    make_due("escalation")
    run_clocks()
    assert vote(site, request).status == "approved"


def test_the_owner_in_the_backup_decides_nothing(site, backup):
    """APR-07: no way round by escalation."""
    user = make_user(site.world.owner)
    allow(user, site.world.workspace, "review_requests")
    Membership.objects.create(group=ApproverGroup.objects.get(slug="backup"), person=site.world.owner)
    request = submit_pending(site)
    hear()
    make_due("escalation")
    run_clocks()
    with pytest.raises(SelfApprovalError):
        vote(site, request, person=site.world.owner, user=user)


def test_without_a_backup_nothing_is_escalated_and_nothing_is_said(site):
    request = submit_pending(site)
    hear()
    make_due("escalation")
    assert run_clocks() == 0
    assert told(request, "request.escalated") == []


@pytest.mark.parametrize("end", ["decided", "late"])
def test_the_clock_of_what_waits_no_more_says_nothing(site, backup, end):
    request = submit_pending(site)
    hear()
    if end == "decided":
        vote(site, request)
    else:
        AgentActionRequest.objects.filter(pk=request.pk).update(expires_at=get_now())
    make_due("reminder")
    make_due("escalation")
    assert run_clocks() == 0
    assert told(request, "request.reminded") + told(request, "request.escalated") == []


def test_an_expiry_is_no_humans_no(site):
    """APR-09: whatever was reminded and escalated before."""
    request = submit_pending(site)
    hear()
    AgentActionRequest.objects.filter(pk=request.pk).update(expires_at=get_now())
    run_due(worker="test")
    row = get(request.pk)
    assert (row.status, row.status_code, row.decided_by) == ("expired", "expired", "")


def test_what_comes_back_has_its_clock_again(site):
    """An approval that became void waits anew."""
    second, user = make_approver(site, "Bo Second")
    request = submit_pending(site)
    hear()
    vote(site, request, person=second, user=user)
    make_due("reminder")
    run_clocks()
    assert ReviewStep.objects.get(kind="reminder").outcome == "skipped"
    Membership.objects.filter(person=second).delete()
    execute(request.pk)
    assert get(request.pk).status == "pending"
    hear()
    assert ReviewStep.objects.get(kind="reminder").outcome == ""


def test_when_the_last_one_leaves_it_is_escalated_at_once(site, backup):
    bea, user = backup
    request = submit_pending(site)
    hear()
    leave(site)
    hear()
    run_due(worker="test")
    assert [item["cause"] for item in told(request, "request.escalated")] == ["nobody_left"]
    assert not Stranded.objects.exists()
    assert vote(site, request, person=bea, user=user).status == "approved"


def test_when_nobody_is_left_at_all_the_home_page_says_so_until_somebody_is(site):
    request = submit_pending(site)
    hear()
    leave(site)
    hear()
    assert Reassessment.objects.exists()
    run_due(worker="test")
    run_due(worker="test")
    assert not Reassessment.objects.exists()
    assert len(told(request, "request.stranded")) == 1
    viewer = log_in(make_login(site.world.workspace, "view_requests", name="Vera Viewer"))
    assert "request nobody can decide" in text_of(viewer.get(reverse("admin:index")))
    assert str(request.pk) in text_of(viewer.get(reverse("approvals:stranded")))

    make_approver(site, "New Member")
    reassess()
    assert not Stranded.objects.exists()
    assert "nobody can decide" not in text_of(viewer.get(reverse("admin:index")))


def test_a_request_whose_only_approver_owns_the_agent_is_stranded_from_the_start(site):
    """APR-07: excluded is as good as gone."""
    site.world.agent.owner = site.world.approver
    site.world.agent.save()
    request = submit_pending(site)
    hear()
    assert Stranded.objects.get().pk == request.pk
    assert len(told(request, "request.stranded")) == 1
    request.agent.refresh_from_db()
    AgentActionRequest.objects.filter(pk=request.pk).update(expires_at=get_now())
    run_due(worker="test")
    run_due(worker="test")
    assert not Stranded.objects.exists()


def test_what_nobody_has_the_right_to_decide_is_stranded_though_the_group_has_members(site):
    """IDN-07: the right is judged as the vote judges it; given again, for this agent alone too, it rescues."""
    request = submit_pending(site)
    hear()
    assert not Stranded.objects.exists()
    actor = Actor("human", "x")
    user = site.world.approver_user
    withdraw_role(user_id=user.pk, workspace_id=site.world.workspace.pk, actor=actor, now=get_now())
    hear()
    reassess()
    assert Stranded.objects.get().pk == request.pk
    assign_perm("governance.review_requests", site.world.approver_user, site.world.agent)
    reassess()
    assert not Stranded.objects.exists()


def test_a_right_for_another_agent_does_not_decide_this_ones(site):
    """IDN-07."""
    UserObjectPermission.objects.filter(user=site.world.approver_user, permission__codename="review_requests").delete()
    other = make_agent(site.world.workspace, site.world.owner, name="agent.other")
    assign_perm("governance.review_requests", site.world.approver_user, other)
    request = submit_pending(site)
    hear()
    assert Stranded.objects.get().pk == request.pk


def test_a_backup_without_the_right_rescues_nothing(site, backup):
    """APR-05, IDN-07."""
    request = submit_pending(site)
    hear()
    UserObjectPermission.objects.filter(user=backup[1]).delete()
    leave(site)
    hear()
    run_due(worker="test")
    run_due(worker="test")
    assert Stranded.objects.get().pk == request.pk


def test_what_only_the_keeper_of_its_secret_could_decide_is_stranded(site):
    """APR-07: separation of duties counts as excluded; another approver rescues it."""
    rotate(site, site.world.approver)
    request = submit_pending(site)
    hear()
    assert Stranded.objects.get().pk == request.pk
    make_approver(site, "New Member")
    reassess()
    assert not Stranded.objects.exists()


def test_a_rotation_is_news_for_what_waits(site):
    """APR-07: whoever rotates now decides nothing of it any more."""
    request = submit_pending(site)
    hear()
    rotate(site, site.world.approver)
    hear()
    reassess()
    assert Stranded.objects.get().pk == request.pk


def rotate(site, person):
    actor = Actor("human", str(person.pk))
    rotate_credential(credential_id=site.world.credential.pk, actor=actor, now=get_now())


def test_the_end_of_a_stand_in_is_news_too(site):
    tina, _ = make_colleague(site)
    row = stand_in(site, tina)
    submit_pending(site)
    hear()
    StandIn.objects.filter(pk=row.pk).update(starts_at=get_now() - timedelta(days=2), ends_at=get_now())
    end_late_stand_ins(now=get_now())
    hear()
    assert Reassessment.objects.filter(workspace=site.world.workspace).exists()


def test_many_that_nobody_may_decide_are_found_a_page_at_a_time(site):
    requests = [submit_pending(site) for _ in range(5)]
    hear()
    leave(site)
    hear()
    while Reassessment.objects.exists():
        reassess(limit=2)
    assert Stranded.objects.count() == len(requests)
    assert LedgerEvent.objects.filter(type="request.stranded").count() == len(requests)


def test_another_workspace_does_not_see_the_page(site):
    """IDN-07."""
    request = submit_pending(site)
    hear()
    leave(site)
    hear()
    run_due(worker="test")
    other = log_in(make_login(make_workspace("other"), "view_requests", name="Else Where"))
    assert str(request.pk) not in text_of(other.get(reverse("approvals:stranded")))
    rep = log_in(make_login(site.world.workspace, "view_own_requests", name="Rep Only"))
    assert rep.get(reverse("approvals:stranded")).status_code == 403
