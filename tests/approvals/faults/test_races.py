"""Two at once: whoever commits first wins, and everyone is told the truth. Real threads, each with its own session."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from approvals.models import AgentActionRequest, Attempt, Vote
from approvals.services.expiry import expire_request
from approvals.services.intake_errors import IntakeError
from approvals.services.review import ReviewError
from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.services.switches import engage_switch
from tests.builders.api import make_site
from tests.builders.approvals import count_writes, execute, get, make_approver, submit, submit_pending, vote

pytestmark = pytest.mark.django_db(transaction=True)


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run all at the same moment; what each returned or raised, in order."""
    barrier = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(position: int, work: Callable[[], Any]) -> None:
        try:
            barrier.wait()
            results[position] = work()
        except Exception as error:  # noqa: BLE001 - an error is a result here
            results[position] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def events(request_id, *types):
    return LedgerEvent.objects.filter(subject_id=str(request_id), type__in=types).count()


def test_fifty_posts_with_one_key_make_one_request():
    """APR-02: every answer is the same request, or a typed refusal."""
    site = make_site()

    answers = together(*[lambda: submit(site, key="k1")] * 50)

    unexpected = [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, IntakeError)]
    ids = {answer.request_id for answer in answers if not isinstance(answer, Exception)}
    assert [(error, error.__cause__) for error in unexpected] == []
    assert (len(ids), AgentActionRequest.objects.count()) == (1, 1)
    assert LedgerEvent.objects.filter(type="request.received").count() == 1


@pytest.mark.parametrize("_round", range(3))
def test_two_approvers_race_and_one_decides(_round):
    site = make_site()
    request = submit_pending(site)
    second, user = make_approver(site, "Bo Second")

    results = together(lambda: vote(site, request), lambda: vote(site, request, person=second, user=user))

    assert sorted(getattr(result, "code", "won") for result in results) == ["already_decided", "won"]
    assert (events(request.pk, "request.approved"), Vote.objects.filter(request=request).count()) == (1, 1)


def test_a_double_click_is_one_vote():
    site = make_site()
    request = submit_pending(site)

    results = together(*[lambda: vote(site, request)] * 4)

    assert {result.status for result in results} == {"approved"}
    assert sorted(result.is_repeat for result in results) == [False, True, True, True]
    assert (Vote.objects.count(), events(request.pk, "request.voted")) == (1, 1)


def test_approve_against_deny_has_one_winner():
    site = make_site()
    request = submit_pending(site)
    second, user = make_approver(site, "Bo Second")

    results = together(
        lambda: vote(site, request), lambda: vote(site, request, person=second, user=user, verdict="deny")
    )

    assert sum(isinstance(result, ReviewError) for result in results) == 1
    assert events(request.pk, "request.approved", "request.denied") == 1
    assert get(request.pk).status in ("approved", "denied")


def test_a_vote_against_the_expiry_is_settled_by_the_databases_clock():
    site = make_site()
    request = submit_pending(site)
    AgentActionRequest.objects.filter(pk=request.pk).update(expires_at=get_now() + timedelta(milliseconds=30))

    together(lambda: vote(site, request), *[lambda: expire_request(request_id=request.pk)] * 3)
    expire_request(request_id=request.pk)

    now_is = get(request.pk)
    assert now_is.status in ("approved", "expired", "pending")
    assert events(request.pk, "request.approved", "request.expired") <= 1 or now_is.status == "expired"
    if now_is.status == "approved":
        assert now_is.decided_at < now_is.expires_at


def test_two_workers_and_one_request_make_one_write():
    """APR-10."""
    site = make_site()
    request_id = submit(site).request_id

    together(*[lambda: execute(request_id)] * 4)

    assert (get(request_id).status, count_writes(request_id)) == ("executed", 1)
    assert Attempt.objects.count() == 1


def test_after_the_kill_switch_has_returned_no_claim_commits():
    """KIL-01, invariant 5: eight workers claim at the moment of the stop; what is claimed when it returns is all."""
    site = make_site()
    ids = [submit(site, changes={"numberofemployees": 300 + n}).request_id for n in range(8)]
    claimed_at_return: list[int] = []

    def stop():
        engage_switch(
            workspace_id=site.world.workspace.pk,
            kind="all",
            agent_id=None,
            reason="drill",
            actor=Actor("system", "test"),
            now=get_now(),
        )
        claimed_at_return.append(Attempt.objects.count())

    together(stop, *[lambda request_id=request_id: execute(request_id) for request_id in ids])

    assert Attempt.objects.count() == claimed_at_return[0]
    statuses = {get(request_id).status for request_id in ids}
    assert statuses <= {"approved", "executed", "cancelled", "conflict"}
