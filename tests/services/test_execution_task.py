"""EXE-01, EXE-02: an approved request is executed by a real worker behind a real broker, once."""

import base64
import json

import pytest
from celery import current_app

from approvals.adapters.task_messages import TaskMessages
from approvals.dispatch import TASKS
from audit.domain.identifier import new_id
from tests.builders.api import make_site
from tests.builders.approvals import count_writes, crm_value, get, submit_pending, vote
from tests.builders.crm_connectors import make_record
from tests.services.conftest import wait_for


@pytest.fixture
def site(transactional_db):
    return make_site()


def test_an_approval_reaches_the_worker_and_the_crm(site, celery_worker):
    request = submit_pending(site)
    vote(site, request)
    wait_for(lambda: get(request.pk).status == "executed", what="the execution", worker=celery_worker)
    assert crm_value(site, "name") == "Umicore NV"
    assert count_writes(request.pk) == 1


def test_the_sweep_finds_what_the_broker_lost(site, celery_worker, monkeypatch):
    lost = []
    with monkeypatch.context() as patch:
        patch.setattr(TaskMessages, "send", lambda _self, sent: lost.extend(one for _, ids in sent for one in ids))
        request = submit_pending(site)
        vote(site, request)
        wait_for(lambda: lost == [request.pk], what="the nudge", worker=celery_worker)
    current_app.send_task("approvals.sweep")
    wait_for(lambda: get(request.pk).status == "executed", what="the sweep's work", worker=celery_worker)
    assert count_writes(request.pk) == 1


def test_our_messages_are_those_that_celery_would_send(transactional_db):
    """EXE-02: laid down by ourselves they stay what a worker reads, whatever a release of Celery or Kombu changes."""
    ids = [new_id(), new_id()]
    with current_app.connection_or_acquire() as connection:
        queue = connection.default_channel.client
        queue.delete("work")
        current_app.send_task(TASKS["execute"], kwargs={"request_ids": [str(one) for one in ids]})
        TaskMessages().send([(TASKS["execute"], ids)])
        ours, theirs = (json.loads(queue.lpop("work")) for _ in range(2))
    assert json.loads(base64.b64decode(ours.pop("body"))) == json.loads(base64.b64decode(theirs.pop("body")))
    called = ours["headers"]["id"]
    assert ours["properties"]["correlation_id"] == ours["headers"]["root_id"] == called != theirs["headers"]["id"]
    for message in ours, theirs:
        for name in "id", "root_id":
            del message["headers"][name]
        message["headers"].pop("timelimit", None)  # Celery copies it only where the sender has loaded the task
        for name in "correlation_id", "delivery_tag", "reply_to":
            assert name in message["properties"]
            del message["properties"][name]
    assert ours == theirs


def test_a_message_that_comes_twenty_times_writes_once(site, celery_worker):
    request = submit_pending(site)
    vote(site, request)
    for _time in range(20):
        current_app.send_task("approvals.execute_requests", kwargs={"request_ids": [str(request.pk)]})
    wait_for(lambda: get(request.pk).status == "executed", what="the execution", worker=celery_worker)
    wait_for(queues_are_empty, what="the other messages", worker=celery_worker)
    assert count_writes(request.pk) == 1


def test_requests_that_are_nudged_together_are_all_executed(site, celery_worker):
    companies = [make_record(site.connection_id, "companies", name=f"Company {number}") for number in range(11)]
    targets = [{"object": "companies", "id": company} for company in companies]
    requests = [submit_pending(site, target=target, expected={}) for target in targets]
    for request in requests:
        vote(site, request)
    wait_for(
        lambda: all(get(request.pk).status == "executed" for request in requests),
        what="the executions",
        worker=celery_worker,
    )
    assert [count_writes(request.pk) for request in requests] == [1] * len(requests)


def queues_are_empty():
    with current_app.connection_or_acquire() as connection:
        return connection.default_channel.client.llen("work") == 0
