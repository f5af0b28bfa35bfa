"""The production worker with death inside: `celery -A tests.services.dying_worker worker …`.

A request whose correlation id is `kill:STEP:before` or `kill:STEP:after` ends the process that executes it with SIGKILL
there; `hang:STEP:before` lets it hang there instead. What kills sits in this file: the product has no switch for it.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

from celery.signals import worker_process_init

from config.celery import app

__all__ = ["app"]

STEPS = ("claim", "read", "before_read", "second_gate", "send", "read_back", "verified", "recorded")
"""In the order in which an execution passes them."""

_plan: list[str] = ["", "", ""]


@worker_process_init.connect
def arm(**_: Any) -> None:
    """Runs in each child of the pool, after the fork."""
    from approvals.services import execution
    from crm_connectors.embedded.connector import EmbeddedConnector

    owners = {
        "claim": (execution, "claim_request"),
        "read": (EmbeddedConnector, "read"),
        "before_read": (execution, "commit_before_read"),
        "second_gate": (execution, "pass_second_gate"),
        "send": (EmbeddedConnector, "send"),
        "read_back": (execution, "read_after"),
        "verified": (execution, "commit_verified"),
        "recorded": (execution, "settle_executed"),
    }
    for step, (owner, name) in owners.items():
        setattr(owner, name, dying(step, getattr(owner, name)))
    execution.execute_request = planned(execution.execute_request)


def planned(execute: Callable[..., str]) -> Callable[..., str]:
    """`execute_request`, after a look at what this request asks for."""

    def execute_as_planned(*, request_id: Any, worker: str) -> str:
        from approvals.models import AgentActionRequest

        wish = AgentActionRequest.objects.values_list("correlation_id", flat=True).get(pk=request_id)
        _plan[:] = wish.split(":") if wish.count(":") == 2 else ["", "", ""]
        return execute(request_id=request_id, worker=worker)

    return execute_as_planned


def dying(step: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if _plan[1:] == [step, "before"]:
            end()
        result = function(*args, **kwargs)
        was_taken = step == "claim" and result is None  # by the child that died after it: nudged twice, it dies once
        if _plan[1:] == [step, "after"] and not was_taken:
            end()
        return result

    return wrapped


def end() -> None:
    if _plan[0] == "hang":
        signal.pause()
    os.kill(os.getpid(), signal.SIGKILL)
