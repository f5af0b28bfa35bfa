"""Two people and the same fifty at the same moment: each is decided once, and both reports say the truth (APR-06)."""

from collections import Counter

import pytest

from approvals.models import AgentActionRequest, BatchDecision, Vote
from approvals.services.batch_decision import Choice, decide_batch
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from tests.approvals.faults.test_races import together
from tests.builders.api import make_site
from tests.builders.approvals import make_approver, submit_pending
from tests.builders.crm_connectors import make_record

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

ITEMS = 50


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def rows(site):
    return [
        submit_pending(
            site,
            target={"object": "companies", "id": make_record(site.connection_id, "companies", name=f"Company {place}")},
            changes={"name": f"Company {place} NV"},
        )
        for place in range(ITEMS)
    ]


def decide(site, rows, person, user, *, key="k1", verdict="approve"):
    return lambda: decide_batch(
        workspace_id=site.world.workspace.pk,
        person_id=person.pk,
        user_id=user.pk,
        key=key,
        choices=[Choice(row.pk, row.digest) for row in rows],
        taken_out=(),
        verdict=verdict,
        reason="no" if verdict == "deny" else "",
        now=get_now(),
    )


def told(decision_id):
    decision = BatchDecision.objects.get(pk=decision_id)
    assert decision.finished_at is not None
    return {item[0]: found for item, found in zip(decision.manifest, decision.outcomes, strict=True)}


def test_two_managers_approve_the_same_fifty(site, rows):
    """One of them in the other order: nobody waits for ever."""
    second, user = make_approver(site, "Bo Second")
    first, other = together(
        decide(site, rows, site.world.approver, site.world.approver_user),
        decide(site, list(reversed(rows)), second, user),
    )
    mine, theirs = told(first), told(other)
    for row in AgentActionRequest.objects.all():
        outcomes = sorted((mine[str(row.pk)]["outcome"], theirs[str(row.pk)]["outcome"]))
        assert (row.status, outcomes) == ("approved", ["approved", "decided"])
        loser = mine if mine[str(row.pk)]["outcome"] == "decided" else theirs
        assert loser[str(row.pk)]["by"] == row.decided_by
    assert Counter(Vote.objects.values_list("request_id", flat=True)) == dict.fromkeys((row.pk for row in rows), 1)
    assert LedgerEvent.objects.filter(type="request.approved").count() == ITEMS
    assert LedgerEvent.objects.filter(type="review.batch_decided").count() == 2


def test_one_approves_while_another_denies(site, rows):
    second, user = make_approver(site, "Bo Second")
    together(
        decide(site, rows, site.world.approver, site.world.approver_user),
        decide(site, rows, second, user, verdict="deny"),
    )
    assert LedgerEvent.objects.filter(type__in=("request.approved", "request.denied")).count() == ITEMS
    assert Vote.objects.count() == ITEMS
    assert set(AgentActionRequest.objects.values_list("status", flat=True)) <= {"approved", "denied"}


def test_two_denials_that_give_back_the_same_budgets_do_not_wait_for_each_other(site, rows):
    second, user = make_approver(site, "Bo Second")
    results = together(
        decide(site, rows, site.world.approver, site.world.approver_user, verdict="deny"),
        decide(site, list(reversed(rows)), second, user, verdict="deny"),
    )
    assert [found for found in results if isinstance(found, Exception)] == []
    assert LedgerEvent.objects.filter(type="request.denied").count() == ITEMS


def test_a_double_click_is_one_decision(site, rows):
    work = decide(site, rows, site.world.approver, site.world.approver_user)
    results = together(*[work] * 3)
    assert len(set(results)) == 1, results
    assert {found["outcome"] for found in told(results[0]).values()} == {"approved"}
    assert (Vote.objects.count(), LedgerEvent.objects.filter(type="review.batch_decided").count()) == (ITEMS, 1)
