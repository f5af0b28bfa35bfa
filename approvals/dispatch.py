"""Dispatch: a best-effort nudge after the commit. The row is the job; a lost nudge costs seconds, never work."""

import threading
from functools import partial
from uuid import UUID

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction

log = structlog.get_logger(__name__)

wake = threading.Event()
"""The embedded worker's loop waits on this event."""

TASKS = {
    "decide": "approvals.decide_request",
    "execute": "approvals.execute_request",
    "reconcile": "approvals.reconcile_request",
}
"""Names of the Celery tasks in `approvals.tasks`."""


def nudge(task: str, request_id: UUID) -> None:
    """Say that a request is due, once the surrounding transaction has committed. `task`: decide, execute, reconcile."""
    transaction.on_commit(partial(_send, task, request_id), robust=True)


def _send(task: str, request_id: UUID) -> None:
    if not getattr(settings, "REDIS_URL", None):
        wake.set()
        return
    try:
        current_app.send_task(TASKS[task], kwargs={"request_id": str(request_id)}, retry=False)
    except Exception as error:  # noqa: BLE001 - the sweep finds the row anyway
        log.warning("nudge lost", task=task, request_id=str(request_id), error=type(error).__name__)
