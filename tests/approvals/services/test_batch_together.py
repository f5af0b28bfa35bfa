"""APR-06: the votes of a batch are judged over a set and written together, and each is still judged by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction

from approvals.domain.status import Status
from approvals.models import AgentActionRequest, BatchDecision, ReviewStep, Vote
from approvals.services.batch_decision import Choice, decide_batch
from approvals.services.events import request_event, system
from approvals.services.review import cast_votes
from approvals.services.review_errors import NotAnApproverError, RequestNotFoundError
from approvals.services.review_gate import find_reviewer
from approvals.services.transition import settle_each
from audit.domain.identifier import new_id
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import ActionTier, ApproverGroup, BudgetCounter, Membership, SecretKeeper, StandIn
from tests.builders.api import Site, make_site
from tests.builders.approvals import get, make_approver, submit_pending, vote
from tests.builders.crm_connectors import make_record
from tests.builders.governance import (
    allow,
    make_agent,
    make_credential,
    make_grants,
    make_group,
    make_person,
    make_token,
    make_user,
    publish,
)
from tests.builders.quality import make_sampling_site, plant_canary
from tests.builders.two_agents import make_two_agents
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return make_site()


def pending(site, number):
    return [
        submit_pending(
            site,
            target={"object": "companies", "id": make_record(site.connection_id, "companies", name=f"Company {place}")},
            changes={"name": f"Company {place} NV"},
        )
        for place in range(number)
    ]


def owned_by(person, site):
    """The site as another agent asks there, whose owner is this person."""
    agent = make_agent(site.world.workspace, person, name="agent.own")
    make_grants(agent, site.world.connection)
    credential = make_credential(agent)
    world = replace(site.world, agent=agent, credential=credential, token=make_token(credential))
    publish(world)
    return Site(world, site.company)


def decide(site, rows, *, verdict="approve", key="k", person=None, user=None, digests=None):
    decision_id = decide_batch(
        workspace_id=site.world.workspace.pk,
        person_id=(person or site.world.approver).pk,
        user_id=(user or site.world.approver_user).pk,
        key=key,
        choices=[Choice(row.pk, (digests or {}).get(row.pk, row.digest)) for row in rows],
        taken_out=(),
        verdict=verdict,
        reason="no" if verdict == "deny" else "",
        now=get_now(),
    )
    decision = BatchDecision.objects.get(pk=decision_id)
    return {item[0]: found for item, found in zip(decision.manifest, decision.outcomes, strict=True)}


def outcomes(told):
    return {request_id: found["outcome"] for request_id, found in told.items()}


def statements_of(work):
    with captured_statements() as statements:
        work()
    return len(statements)


def test_ten_are_approved_by_as_many_statements_as_one_and_fifty_by_five_times_the_chunk(site):
    one, ten, twenty = pending(site, 1), pending(site, 10), pending(site, 20)
    decide(site, pending(site, 1), key="first")  # what a process asks once
    of_one = statements_of(lambda: decide(site, one, key="one"))
    of_ten = statements_of(lambda: decide(site, ten, key="ten"))
    of_twenty = statements_of(lambda: decide(site, twenty, key="twenty"))
    assert of_ten == of_one
    assert of_twenty - of_ten <= 14
    assert of_ten <= 32
    assert Vote.objects.count() == 32


def test_ten_are_denied_by_as_many_statements_as_one_and_fifty_by_five_times_the_chunk(site):
    one, ten, twenty = pending(site, 1), pending(site, 10), pending(site, 20)
    decide(site, pending(site, 1), key="first", verdict="deny")  # what a process asks once
    of_one = statements_of(lambda: decide(site, one, key="one", verdict="deny"))
    of_ten = statements_of(lambda: decide(site, ten, key="ten", verdict="deny"))
    of_twenty = statements_of(lambda: decide(site, twenty, key="twenty", verdict="deny"))
    assert of_ten == of_one
    assert of_twenty - of_ten <= 18
    assert Vote.objects.filter(verdict="deny").count() == 32


def test_what_ten_that_are_denied_together_held_is_free_again_and_nothing_else(site):
    """LIM-03: each held one write of the same counter."""
    denied, waiting = pending(site, 10), pending(site, 2)
    counter = BudgetCounter.objects.get(key="agent", unit="writes", used=12)

    decide(site, denied, verdict="deny")

    assert BudgetCounter.objects.get(pk=counter.pk).used == 2
    assert [get(row.pk).holds for row in denied] == [[]] * 10
    assert all(get(row.pk).holds for row in waiting)


def test_requests_of_two_agents_are_judged_by_as_many_statements_as_those_of_one():
    two = make_two_agents()
    mine, theirs = pending(two.mine, 4), pending(two.theirs, 4)
    decide(two.mine, pending(two.mine, 1), key="first")
    of_one = statements_of(lambda: decide(two.mine, mine[:2], key="one"))
    of_two = statements_of(lambda: decide(two.mine, [*mine[2:], *theirs], key="two"))
    assert of_two == of_one
    assert {row.status for row in map(get, (row.pk for row in (*mine, *theirs)))} == {"approved"}


def test_a_mixed_batch_votes_on_what_it_may_and_tells_why_not_of_the_rest():
    """One was altered, one decided, one expired, one cancelled, one held, one is the reviewer's own, one a canary: all
    of one chunk."""
    rates = dict.fromkeys(("restricted_percent", "new_agent_percent", "safe_percent", "risky_percent"), 0)
    site = make_sampling_site(**rates, canary_every=1)
    canary = plant_canary(site)
    rows = pending(site, 7)
    changed, decided, late, cancelled, held, fine, also_fine = rows
    (own,) = pending(owned_by(site.world.approver, site), 1)
    bo, bo_user = make_approver(site, "Bo Second")
    vote(site, decided, person=bo, user=bo_user, verdict="deny", reason="no")
    AgentActionRequest.objects.filter(pk=late.pk).update(expires_at=get_now() - timedelta(seconds=1))
    AgentActionRequest.objects.filter(pk=cancelled.pk).update(status=Status.CANCELLED, decided_by="policy")
    for status in (Status.APPROVED, Status.HELD):
        AgentActionRequest.objects.filter(pk=held.pk).update(status=status, decided_by=f"person:{bo.pk}")
    votes, before = Vote.objects.count(), list(LedgerEvent.objects.values_list("pk", flat=True))

    told = decide(site, [*rows, own, canary], digests={changed.pk: "sha256:" + "0" * 64})

    assert outcomes(told) == {
        str(changed.pk): "changed",
        str(decided.pk): "decided",
        str(late.pk): "expired",
        str(cancelled.pk): "decided",
        str(held.pk): "decided",
        str(fine.pk): "approved",
        str(also_fine.pk): "approved",
        str(own.pk): "not_allowed",
        str(canary.pk): "was_canary",
    }
    assert told[str(own.pk)]["code"] == "self_approval"
    assert told[str(held.pk)]["by"] == f"person:{bo.pk}"
    assert Vote.objects.count() - votes == 3
    assert get(own.pk).status == get(changed.pk).status == get(late.pk).status == "pending"
    new = LedgerEvent.objects.exclude(pk__in=before)
    assert set(new.filter(type="request.voted").values_list("subject_id", flat=True)) == {
        str(row.pk) for row in (fine, also_fine, canary)
    }
    assert set(new.filter(type="request.approved").values_list("subject_id", flat=True)) == {
        str(fine.pk),
        str(also_fine.pk),
    }
    assert not new.filter(subject_id__in=[str(row.pk) for row in (changed, late, held, own)]).exists()


def test_each_vote_is_on_record_before_what_it_settled(site):
    rows = pending(site, 3)
    decide(site, rows)
    for row in rows:
        events = LedgerEvent.objects.filter(subject_id=str(row.pk)).order_by("id").values_list("type", flat=True)
        assert list(events)[-2:] == ["request.voted", "request.approved"]


def test_who_issued_the_secret_that_asked_decides_none_of_it_by_the_dozen(site):
    """APR-07."""
    rows = pending(site, 2)
    SecretKeeper.objects.create(credential=site.world.credential, person=site.world.approver, seen_at=get_now())
    told = decide(site, rows)
    assert {(found["outcome"], found["code"]) for found in told.values()} == {("not_allowed", "self_approval")}
    assert not Vote.objects.exists()


def test_one_that_needs_a_second_person_waits_beside_one_that_does_not(site):
    """APR-05: the requirement is each request's own."""
    make_approver(site, "Bo Second")
    (alone,) = pending(site, 1)
    ActionTier.objects.filter(workspace=site.world.workspace, action="update").update(approvals_needed=2)
    publish(site.world)
    (together,) = pending(site, 1)
    assert outcomes(decide(site, [alone, together])) == {str(alone.pk): "approved", str(together.pk): "waiting"}
    assert get(together.pk).status == "pending"
    assert not LedgerEvent.objects.filter(type="request.approved", subject_id=str(together.pk)).exists()


def test_a_person_of_the_backup_group_decides_only_what_was_escalated(site):
    """APR-09: who sits where is each request's own."""
    backup = make_person("Bea Backup")
    user = make_user(backup)
    allow(user, site.world.workspace, "view_requests", "review_requests")
    group = make_group(site.world.workspace, "directors", backup)
    ApproverGroup.objects.filter(pk=site.world.group.pk).update(backup_group=group)
    escalated, other = pending(site, 2)
    ReviewStep.objects.create(
        request=escalated,
        group=site.world.group,
        kind=ReviewStep.ESCALATION,
        due_at=get_now(),
        done_at=get_now(),
        outcome="done",
    )
    told = decide(site, [escalated, other], person=backup, user=user)
    assert outcomes(told) == {str(escalated.pk): "approved", str(other.pk): "not_allowed"}


def test_a_stand_in_speaks_where_nobody_sits_that_they_stand_for(site):
    """APR-09: one seat is one voice, in a batch too."""
    absent, absent_user = make_approver(site, "Abe Absent")
    stand_in = make_person("Stan Dinn")
    user = make_user(stand_in)
    allow(user, site.world.workspace, "view_requests", "review_requests")
    StandIn.objects.create(
        group=site.world.group,
        person=absent,
        stand_in=stand_in,
        named_by=absent,
        starts_at=get_now() - timedelta(hours=1),
        ends_at=get_now() + timedelta(hours=1),
        created_at=get_now(),
    )
    ActionTier.objects.filter(workspace=site.world.workspace, action="update").update(approvals_needed=2)
    publish(site.world)
    voted, fresh = pending(site, 2)
    vote(site, voted, person=absent, user=absent_user)
    told = decide(site, [voted, fresh], person=stand_in, user=user)
    assert outcomes(told) == {str(voted.pk): "not_allowed", str(fresh.pk): "waiting"}


def test_nothing_is_written_of_what_expired_between_the_look_and_the_vote(site):
    """INVARIANT of `settle_each`: the database's clock decides inside the UPDATE, and no event tells of what lost."""
    late, fine = pending(site, 2)
    AgentActionRequest.objects.filter(pk=late.pk).update(expires_at=get_now() - timedelta(seconds=1))
    stale = new_id()
    with transaction.atomic():
        moved = settle_each(
            {late.pk: late.digest, fine.pk: fine.digest, stale: fine.digest},
            new=Status.APPROVED,
            code="",
            now=get_now(),
            events={
                pk: [request_event(row, "request.approved", system("test"), data={})]
                for pk, row in ((late.pk, late), (fine.pk, fine), (stale, fine))
            },
            decided_by="person:x",
            decided_at=get_now(),
        )
    assert moved == {fine.pk}
    assert (get(late.pk).status, get(fine.pk).status) == ("pending", "approved")
    approved = LedgerEvent.objects.filter(type="request.approved")
    assert list(approved.values_list("subject_id", flat=True)) == [str(fine.pk)]


def test_no_vote_reaches_into_another_workspace(site):
    (own,) = pending(site, 1)
    (foreign,) = pending(make_site("globex", agent_name="agent.other"), 1)
    person, user = site.world.approver, site.world.approver_user
    with transaction.atomic():
        reviewer = find_reviewer(person_id=person.pk, user_id=user.pk, workspace_id=site.world.workspace.pk)
        missing = new_id()
        answers = cast_votes(
            seen={foreign.pk: foreign.digest, own.pk: own.digest, missing: own.digest},
            reviewer=reviewer,
            verdict="approve",
            reason="",
            now=get_now(),
        )
    assert isinstance(answers[foreign.pk], NotAnApproverError)
    assert isinstance(answers[missing], RequestNotFoundError)
    assert answers[own.pk].status == "approved"
    assert get(foreign.pk).status == "pending"


def test_somebody_elses_login_counts_for_nobody(site):
    bo, _ = make_approver(site, "Bo Second")
    rows = pending(site, 2)
    assert set(outcomes(decide(site, rows, person=bo, user=site.world.approver_user)).values()) == {"not_allowed"}
    assert not Vote.objects.exists()


def test_a_group_that_was_left_counts_no_more(site):
    """APR-07: by this moment's memberships."""
    rows = pending(site, 2)
    Membership.objects.filter(person=site.world.approver).delete()
    assert set(outcomes(decide(site, rows)).values()) == {"not_allowed"}
