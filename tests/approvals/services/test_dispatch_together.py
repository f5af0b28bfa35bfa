"""Nudges that come together leave together, by a thread that no request waits for (NFR: the row is the job)."""

import base64
import json
import threading
import time

import pytest
from celery import current_app
from django.db import transaction
from redis import Redis

from approvals import dispatch, tasks
from approvals.services import execution
from approvals.services.sweep import run_due
from audit.domain.identifier import new_id
from tests.builders.api import make_site
from tests.builders.approvals import get, submit


@pytest.fixture
def nudges(settings, monkeypatch):
    """What this process would publish, to a broker that is not there."""
    current_app.conf.get("broker_url")  # read at its first use, and kept: not from the next line
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    fresh = dispatch.Nudges()
    monkeypatch.setattr(dispatch, "_nudges", fresh)
    return fresh


@pytest.fixture
def broker(monkeypatch):
    """The broker's door: keeps the messages that pass, and is shut until `is_open` is set."""
    door = Door()
    monkeypatch.setattr(Redis, "lpush", lambda _redis, queue, *texts: door.push(queue, texts))
    return door


class Door:
    def __init__(self):
        self.sent = []
        self.commands = 0
        self.is_open = threading.Event()
        self.is_open.set()
        self.error = None

    def push(self, queue, texts):
        self.is_open.wait(5)
        if self.error:
            raise self.error
        assert queue == "work"
        self.commands += 1
        for message in map(json.loads, texts):
            _args, kwargs, _options = json.loads(base64.b64decode(message["body"]))
            self.sent.append((message["headers"]["task"], kwargs["request_ids"]))


def wait_until(condition):
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_costs_nothing_but_time(nudges, broker):
    broker.error = ConnectionError("refused")
    request_id = submit(make_site()).request_id
    assert get(request_id).status == "approved"
    assert run_due(worker="test").executed == 1
    assert get(request_id).status == "executed"


def test_a_burst_leaves_in_few_messages_and_each_id_once(nudges, broker):
    ids = [new_id() for _ in range(50)]
    for request_id in ids:
        nudges.add("execute", request_id)
    wait_until(lambda: sum(len(found) for _, found in broker.sent) == 50)
    assert [one for _, found in broker.sent for one in found] == [str(request_id) for request_id in ids]
    assert {name for name, _ in broker.sent} == {"approvals.execute_requests"}
    assert len(broker.sent) <= 20
    assert max(len(found) for _, found in broker.sent) <= 8


def test_what_waits_together_leaves_by_one_command(nudges, broker):
    """A busy web process asks the broker once a round, however many requests it took meanwhile."""
    broker.is_open.clear()
    nudges.add("execute", new_id())
    time.sleep(0.05)
    for _ in range(50):
        nudges.add("execute", new_id())
    broker.is_open.set()
    wait_until(lambda: sum(len(found) for _, found in broker.sent) == 51)
    assert broker.commands <= 3


def test_nobody_waits_for_a_broker_that_hangs(nudges, broker):
    broker.is_open.clear()
    started = time.monotonic()
    for _ in range(100):
        nudges.add("decide", new_id())
    assert time.monotonic() - started < 1
    broker.is_open.set()
    wait_until(lambda: sum(len(found) for _, found in broker.sent) == 100)


def test_a_broker_that_is_gone_and_comes_back_is_used_again(nudges, broker):
    broker.error = ConnectionError("gone")
    nudges.add("execute", new_id())
    time.sleep(0.1)
    broker.error = None
    back = new_id()
    nudges.add("execute", back)
    wait_until(lambda: ("approvals.execute_requests", [str(back)]) in broker.sent)


@pytest.mark.django_db(transaction=True)
def test_nothing_leaves_before_the_commit(nudges, broker):
    with transaction.atomic():
        dispatch.nudge("execute", new_id())
        time.sleep(0.1)
        assert broker.sent == []
    wait_until(lambda: len(broker.sent) == 1)


def test_a_worker_hands_on_the_rest_when_the_crm_is_slow(broker, monkeypatch):
    """No task may come near its time limit because requests were nudged together."""
    worked, handed_on = [], []
    monkeypatch.setattr(tasks, "_HAND_ON_SECONDS", 0.05)
    monkeypatch.setattr(tasks, "nudge", lambda task, request_id: handed_on.append((task, request_id)))

    def execute(*, request_id, worker):
        worked.append((request_id, worker))
        time.sleep(0.1)

    monkeypatch.setattr(execution, "execute_request", execute)
    ids = [new_id() for _ in range(4)]
    tasks.execute_requests(request_ids=[str(request_id) for request_id in ids])
    assert worked == [(ids[0], "celery")]
    assert handed_on == [("execute", request_id) for request_id in ids[1:]]


def test_one_request_that_breaks_keeps_no_other_waiting(monkeypatch):
    worked = []

    def execute(*, request_id, worker):
        worked.append(request_id)
        if len(worked) == 1:
            raise ValueError("broken")

    monkeypatch.setattr(execution, "execute_request", execute)
    ids = [new_id() for _ in range(3)]
    with pytest.raises(ExceptionGroup, match="1 of 3 failed"):
        tasks.execute_requests(request_ids=[str(request_id) for request_id in ids])
    assert worked == ids
