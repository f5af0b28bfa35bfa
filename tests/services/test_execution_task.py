"""EXE-01, EXE-02: an approved request is executed by a real worker behind a real broker, once."""

import pytest
from celery import current_app

from approvals import dispatch
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
        patch.setattr(dispatch, "_publish", lambda _task, request_ids: lost.extend(request_ids))
        request = submit_pending(site)
        vote(site, request)
        wait_for(lambda: lost == [request.pk], what="the nudge", worker=celery_worker)
    current_app.send_task("approvals.sweep")
    wait_for(lambda: get(request.pk).status == "executed", what="the sweep's work", worker=celery_worker)
    assert count_writes(request.pk) == 1


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
