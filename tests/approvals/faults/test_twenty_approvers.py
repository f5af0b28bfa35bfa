"""Twenty people decide the same requests over HTTP at the same moment: one word counts for each, and the others are
told whose it was (APR-05, DESIGN 8: 1, 2, 3, 6)."""

import http.client
import threading
import urllib.parse
from collections import Counter
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.conf import settings

from approvals.models import AgentActionRequest, Vote
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from audit.services.maintain import maintain_ledger
from audit.services.verify import verify_ledger
from governance.models import User
from tests.builders.api import make_site
from tests.builders.approvals import count_writes, execute, make_approver, submit_pending
from tests.builders.console import log_in
from tests.builders.crm_connectors import make_record

pytestmark = pytest.mark.django_db(transaction=True)

APPROVERS, REQUESTS = 20, 3
CSRF = "a" * 32


@dataclass(frozen=True)
class Answer:
    """`is_won` when the vote counted; else the page says what became of the request."""

    request: UUID
    verdict: str
    status: int
    text: str

    @property
    def is_won(self) -> bool:
        return self.status == 302


def decide_all(host, session, rows, verdict):
    """One person's browser: a connection of its own, a form for each request."""
    connection = http.client.HTTPConnection(host, timeout=60)
    headers = {
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={CSRF}",
        "X-CSRFToken": CSRF,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    answers = []
    for row in rows:
        form = urllib.parse.urlencode({"digest": row.digest, "note": "not this one"})
        connection.request("POST", f"/review/{row.pk}/{verdict}/", form, headers)
        answer = connection.getresponse()
        answers.append(Answer(row.pk, verdict, answer.status, answer.read().decode()))
    connection.close()
    return answers


def all_at_once(host, people, rows):
    """Everybody begins at once, each somewhere else in the list; every third denies."""
    barrier, told = threading.Barrier(len(people)), []

    def act(place, session):
        turn, verdict = place % len(rows), "deny" if place % 3 == 0 else "approve"
        barrier.wait()
        told.extend(decide_all(host, session, rows[turn:] + rows[:turn], verdict))

    threads = [threading.Thread(target=act, args=person) for person in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def rows(site):
    companies = [make_record(site.connection_id, "companies", name=f"Company {place}") for place in range(REQUESTS)]
    targets = [{"object": "companies", "id": company} for company in companies]
    return [submit_pending(site, target=target, changes={"name": f"{target['id']} NV"}) for target in targets]


@pytest.fixture
def names(site):
    """Session key → the person's name."""
    users = [make_approver(site, f"Approver {place:02}")[1] for place in range(APPROVERS)]
    return {log_in(user).session.session_key: User.objects.get(pk=user.pk).person.name for user in users}


def test_one_word_counts_for_each_and_the_others_are_told_whose(site, rows, names, live_server):
    told = all_at_once(urllib.parse.urlsplit(live_server.url).netloc, list(names), rows)

    assert len(told) == APPROVERS * REQUESTS
    assert {answer.status for answer in told} == {302, 409}
    winners = {answer.request: answer for answer in told if answer.is_won}
    assert Counter(answer.request for answer in told if answer.is_won) == dict.fromkeys((row.pk for row in rows), 1)
    for row in AgentActionRequest.objects.filter(pk__in=[row.pk for row in rows]):
        vote = Vote.objects.select_related("person").get(request=row)
        assert (vote.verdict, vote.digest, row.status) == (
            winners[row.pk].verdict,
            row.digest,
            "approved" if vote.verdict == "approve" else "denied",
        )
        losers = [answer for answer in told if answer.request == row.pk and not answer.is_won]
        assert all(vote.person.name in answer.text for answer in losers)
    decided = LedgerEvent.objects.filter(type__in=("request.approved", "request.denied"))
    assert (decided.count(), LedgerEvent.objects.filter(type="request.voted").count()) == (REQUESTS, REQUESTS)

    for row in AgentActionRequest.objects.filter(status="approved"):
        assert execute(row.pk) == "executed"
    writes = {row.status: count_writes(row.pk) for row in AgentActionRequest.objects.all()}
    assert set(writes.items()) <= {("executed", 1), ("denied", 0)}
    maintain_ledger(now=get_now())
    assert verify_ledger().is_ok
