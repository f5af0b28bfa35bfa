"""EXE-02, AUD-01: the ledger is kept by a real worker behind a real broker."""

from celery import current_app
from django.db import transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.models import Checkpoint, LedgerLeaf
from audit.selectors.clock import get_now
from audit.services.append import append_event
from tests.services.conftest import wait_for


def test_the_worker_gives_a_committed_event_its_leaf_and_signs(celery_worker):
    event = NewEvent(
        type="request.received",
        workspace="acme",
        actor=Actor("system", "test"),
        subject=Subject("request", "1"),
        correlation_id="c-1",
    )
    with transaction.atomic():
        event_id = append_event(event, now=get_now())
    current_app.send_task("audit.maintain_ledger")
    wait_for(Checkpoint.objects.filter(size=1).exists, what="the checkpoint", worker=celery_worker)
    assert LedgerLeaf.objects.get(leaf_index=0).event_id == event_id


def test_a_task_that_comes_twice_adds_nothing(celery_worker):
    for _time in range(2):
        current_app.send_task("audit.maintain_ledger")
    test_the_worker_gives_a_committed_event_its_leaf_and_signs(celery_worker)
    assert LedgerLeaf.objects.count() == 1
