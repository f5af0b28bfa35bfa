"""EXE-02, invariant 9: children of a real Celery worker are killed with SIGKILL around every recovery point, then the
worker itself with a child in the middle of a call; a new worker loses nothing and doubles nothing.
"""

import os
import re
import signal
import time
from dataclasses import dataclass
from uuid import UUID

import pytest
from celery import current_app
from django.utils import timezone

from approvals.models import AgentActionRequest, Attempt
from audit.models import LedgerEvent
from audit.services.verify import verify_ledger
from tests.builders.approvals import count_writes, crm_value, get, submit, vote
from tests.builders.crm_connectors import make_record
from tests.builders.outward import email_to, mail_of, make_contact, make_sending_site
from tests.services.conftest import read_all, start_worker, wait_for
from tests.services.dying_worker import STEPS

DEATHS = [f"kill:{step}:{when}" for step in STEPS for when in ("before", "after")]
LEFT = "kill:send:after"
NOT_LEFT = "kill:send:before"


@dataclass(frozen=True)
class Sent:
    """What was proposed: changes by the death they ask for, the one that hangs, and two e-mails."""

    changes: dict[str, UUID]
    companies: dict[str, str]
    hanging: UUID
    mails: dict[str, UUID]

    def all(self) -> list[UUID]:
        return [*self.changes.values(), self.hanging, *self.mails.values()]


@pytest.fixture
def site(transactional_db):
    return make_sending_site()


def propose(site) -> Sent:
    changes, companies = {}, {}
    for death in DEATHS:
        company = make_record(site.connection_id, "companies", name=death, numberofemployees=100)
        target = {"object": "companies", "id": company}
        changes[death] = submit(site, target=target, correlation_id=death).request_id
        companies[death] = company
    hanging = submit(site, correlation_id="hang:send:before").request_id
    mails = {death: submit_mail(site, death) for death in (LEFT, NOT_LEFT)}
    return Sent(changes, companies, hanging, mails)


def submit_mail(site, death: str) -> UUID:
    contact = make_contact(site, email=f"{death.rpartition(':')[2]}@mail.example", phone=None)
    request = get(submit(site, **email_to(contact), correlation_id=death).request_id)
    vote(site, request)
    return request.pk


def test_a_real_worker_killed_around_every_recovery_point_loses_nothing_and_doubles_nothing(site):
    with start_worker("tests.services.dying_worker", own_group=True, children=6) as (doomed, log):
        sent = propose(site)
        expected = len(DEATHS) + len(sent.mails)
        wait_for(lambda: deaths_at_last(log, sent) >= expected, what="the children to die", worker=doomed)
        wait_for(
            lambda: Attempt.objects.filter(request_id=sent.hanging, point="sent").exists(),
            what="one that hangs",
            worker=doomed,
        )
        assert deaths(log) == expected
        assert count_of("executed") == 1, "only the one that died after its last step is at its end"
        os.killpg(doomed.pid, signal.SIGKILL)
        doomed.wait(timeout=10)
    with start_worker("config.celery") as (survivor, _log):
        wait_for(lambda: is_settled(sent), what="the new worker to settle them", worker=survivor)
        current_app.send_task("audit.maintain_ledger")
        wait_for(lambda: verify_ledger().pending == 0, what="the ledger's leaves", worker=survivor)

    require_nothing_lost_or_doubled(site, sent)
    require_complete_ledger(sent)


def deaths(log) -> int:
    """How many children of the pool the worker says to have lost to SIGKILL."""
    return len(set(re.findall(rb"pid:(\d+) exited with .signal 9 \(SIGKILL\)", read_all(log))))


def deaths_at_last(log, sent: Sent) -> int:
    """Nudges that came with a child's last one died with it: what nobody took is nudged again, as the sweep does. Not
    the first, which leaves alone, and whose children die before they have taken it."""
    time.sleep(0.5)
    others = set(sent.all()) - {sent.changes[DEATHS[0]]}
    untaken = AgentActionRequest.objects.filter(pk__in=others, status="approved", attempts_count=0)
    for request_id in untaken.values_list("pk", flat=True):
        current_app.send_task("approvals.execute_requests", kwargs={"request_ids": [str(request_id)]})
    return deaths(log)


def count_of(status: str) -> int:
    return AgentActionRequest.objects.filter(status=status).count()


def is_settled(sent: Sent) -> bool:
    """Beat's part, with the pauses cut short: what is due is nudged again and again."""
    AgentActionRequest.objects.filter(not_before__gt=timezone.now()).update(not_before=None)
    current_app.send_task("approvals.sweep")
    time.sleep(0.5)
    done = count_of("executed") + AgentActionRequest.objects.filter(status_code="needs_person").count()
    return done == len(sent.all())


def require_nothing_lost_or_doubled(site, sent: Sent) -> None:
    for death, request_id in sent.changes.items():
        assert (get(request_id).status, count_writes(request_id)) == ("executed", 1), death
        assert crm_value(site, "numberofemployees", record=sent.companies[death]) == 220
        assert Attempt.objects.filter(request_id=request_id).count() <= 2, death
    assert (get(sent.hanging).status, count_writes(sent.hanging)) == ("executed", 1)
    # What cannot be asked for twice: the one that left is found, the other waits for a person and never leaves.
    assert (get(sent.mails[LEFT]).status, get(sent.mails[NOT_LEFT]).status) == ("executed", "unknown")
    assert mail_of(site, sent.mails[LEFT])
    assert mail_of(site, sent.mails[NOT_LEFT]) is None


def require_complete_ledger(sent: Sent) -> None:
    """AUD-01: each claim is on record, each end once, and the whole recomputes from its bytes."""
    report = verify_ledger()
    assert (report.problem_count, report.pending, report.leaves) == (0, 0, report.events), report.problems
    for request_id in sent.all():
        types = list(LedgerEvent.objects.filter(subject_id=str(request_id)).values_list("type", flat=True))
        assert types.count("request.claimed") == Attempt.objects.filter(request_id=request_id).count()
        assert types.count("request.received") == 1
        assert types.count("request.executed") == (0 if request_id == sent.mails[NOT_LEFT] else 1), types
