"""A worker process is killed with SIGKILL around every recovery point: nothing is lost, nothing is done twice (EXE-02).

The worker is a real process with its own database session. What kills it sits in this file: the product has no switch
for it.
"""

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from approvals.models import AgentActionRequest, Attempt
from approvals.services import execution
from approvals.services.sweep import run_due
from crm_connectors.embedded.connector import EmbeddedConnector
from tests.builders.api import make_site
from tests.builders.approvals import count_writes, crm_value, get, submit, submit_executed
from tests.builders.approvals import execute as execute_here

pytestmark = pytest.mark.django_db(transaction=True)

STEPS: tuple[tuple[str, Any, str], ...] = (
    ("claim", execution, "claim_request"),
    ("read", EmbeddedConnector, "read"),
    ("before_read", execution, "commit_before_read"),
    ("second_gate", execution, "pass_second_gate"),
    ("send", EmbeddedConnector, "send"),
    ("read_back", execution, "read_after"),
    ("verified", execution, "commit_verified"),
    ("recorded", execution, "settle_executed"),
)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying(function: Callable[..., Any], when: str) -> Callable[..., Any]:
    """`function`, with the end of the process right before or right after it."""

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            die()
        function(*args, **kwargs)
        die()

    return wrapped


def run_in_child(work: Callable[[], object]) -> int:
    """Run `work` in a process of its own; returns the signal that ended it, 0 for none."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def survive(request_id: Any, *, until: str) -> None:
    """Another worker finds what is due, until the request is settled."""
    for _ in range(100):
        AgentActionRequest.objects.filter(pk=request_id).update(not_before=None)
        run_due(worker="survivor")
        if get(request_id).status == until:
            return
        time.sleep(0.05)  # the server frees a dead session's lock a moment later


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("step", "owner", "name"), STEPS, ids=[step[0] for step in STEPS])
def test_a_killed_worker_loses_nothing_and_doubles_nothing(step, owner, name, when, monkeypatch):
    """Invariant 9; the CRM's own history is what is counted."""
    site = make_site()
    request_id = submit(site).request_id
    real = getattr(owner, name)

    def work() -> None:
        setattr(owner, name, dying(real, when))
        execute_here(request_id)

    assert run_in_child(work) == signal.SIGKILL
    survive(request_id, until="executed")

    assert (get(request_id).status, count_writes(request_id)) == ("executed", 1)
    assert crm_value(site, "numberofemployees") == 220
    assert Attempt.objects.filter(request_id=request_id).count() <= 2


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_killed_while_making_a_record_makes_one(when):
    site = make_site()
    proposal = {
        "action": "create_note",
        "target": {"object": "companies", "id": site.company},
        "changes": None,
        "expected": None,
        "note": {"body": "Met at the fair"},
    }
    request_id = submit(site, **proposal).request_id
    real = EmbeddedConnector.send

    def work() -> None:
        EmbeddedConnector.send = dying(real, when)
        execute_here(request_id)

    assert run_in_child(work) == signal.SIGKILL
    survive(request_id, until="executed")

    from crm_connectors.models import CrmRecord

    assert get(request_id).status == "executed"
    assert CrmRecord.objects.filter(crm_object__name="notes").count() == 1


def test_a_live_worker_is_not_taken_for_a_dead_one():
    """A worker that is stopped, not dead, keeps its action until it goes on."""
    site = make_site()
    request_id = submit(site).request_id
    real = EmbeddedConnector.send
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        try:

            def stop_and_send(self: Any, operation: Any) -> Any:
                os.kill(os.getpid(), signal.SIGSTOP)
                return real(self, operation)

            EmbeddedConnector.send = stop_and_send
            execute_here(request_id)
        finally:
            os._exit(0)
    os.waitpid(pid, os.WUNTRACED)

    assert run_due(worker="other").reaped == 0
    assert get(request_id).status == "executing"
    os.kill(pid, signal.SIGCONT)
    os.waitpid(pid, 0)
    assert (get(request_id).status, count_writes(request_id)) == ("executed", 1)


def test_a_revert_survives_too():
    site = make_site()
    from tests.approvals.services.test_revert import revert

    original = submit_executed(site)
    request_id = revert(site, original).request_id
    real = EmbeddedConnector.send

    def work() -> None:
        EmbeddedConnector.send = dying(real, "after")
        execute_here(request_id)

    assert run_in_child(work) == signal.SIGKILL
    survive(request_id, until="executed")

    assert (get(request_id).status, get(original.pk).status) == ("executed", "reverted")
    assert (crm_value(site, "numberofemployees"), count_writes(request_id)) == (100, 1)
