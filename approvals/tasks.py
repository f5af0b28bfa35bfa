"""Celery tasks: thin doors that take ids. No retries here: a retry is a row with `not_before`."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from approvals.dispatch import TASKS, nudge
from approvals.services import (
    bulk_turn,
    decision,
    erasing,
    execution,
    followers,
    ledger_export_working,
    ledger_sending,
    notifying,
    quality_turn,
    reconciliation,
    report_turn,
    rollback_working,
)
from approvals.services import study as studying
from approvals.services import sweep as sweeping
from approvals.services import watch as watching
from audit.selectors.clock import get_now

_HAND_ON_SECONDS = 1.0


@shared_task(name=TASKS["decide"])
def decide_requests(*, request_ids: list[str]) -> None:
    """Judge requests whose facts lie at a remote CRM."""
    _work_on("decide", request_ids, lambda request_id: decision.decide_request(request_id=request_id, now=get_now()))


@shared_task(name=TASKS["execute"])
def execute_requests(*, request_ids: list[str]) -> None:
    """Try to execute approved requests."""
    _work_on("execute", request_ids, partial(_by_celery, execution.execute_request))


@shared_task(name=TASKS["reconcile"])
def reconcile_requests(*, request_ids: list[str]) -> None:
    """Look up unknown outcomes."""
    _work_on("reconcile", request_ids, partial(_by_celery, reconciliation.reconcile_request))


def _by_celery(work: Callable[..., object], request_id: UUID) -> None:
    work(request_id=request_id, worker="celery")


def _work_on(task: str, request_ids: Sequence[str], work: Callable[[UUID], object]) -> None:
    """One after the other; where the CRM is slow the rest goes to other workers, and no task comes near its time limit.

    What one request raises keeps no other waiting: it is raised when all had their turn.
    """
    started = time.monotonic()
    errors: list[Exception] = []
    for number, text in enumerate(request_ids):
        is_late = number > 0 and time.monotonic() - started > _HAND_ON_SECONDS
        try:
            request_id = UUID(text)
            nudge(task, request_id) if is_late else work(request_id)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:  # noqa: BLE001 - raised below
            errors.append(error)
    if errors:
        raise ExceptionGroup(f"{task}: {len(errors)} of {len(request_ids)} failed", errors)


@shared_task(name="approvals.sweep")
def sweep() -> None:
    """Re-dispatch whatever the tables say is due."""
    sweeping.sweep(now=get_now())


@shared_task(name="approvals.study")
def study() -> None:
    """Work on backtests and shadow runs for a while."""
    studying.study(seconds=20)


@shared_task(name="approvals.bulk_reverts")
def bulk_reverts() -> None:
    """Work on bulk reverts for a while: dry runs, and what was started."""
    bulk_turn.work_on_bulk_reverts(seconds=30, worker="celery")


@shared_task(name="approvals.rollback_drills")
def rollback_drills() -> None:
    """Begin the drills that are due, and take the open ones on."""
    rollback_working.work_on_rollback_drills()


@shared_task(name="approvals.exports")
def exports() -> None:
    """Make the files of the ledger's exports for a while."""
    ledger_export_working.work_on_exports(seconds=30)


@shared_task(name="approvals.sinks")
def sinks() -> None:
    """Send the ledger on to its sinks. In a queue of its own: what hangs there keeps no e-mail waiting."""
    ledger_sending.send_ledger_on(seconds=10)


@shared_task(name="approvals.retention")
def retention() -> None:
    """Erase values of the ledger whose time is up."""
    erasing.erase_due_values(now=get_now())


@shared_task(name="approvals.watch")
def watch() -> None:
    """Count what circuit breakers watch; open and close them."""
    watching.watch(now=get_now())


@shared_task(name="approvals.follow")
def follow() -> None:
    """Act on the ledger's news."""
    followers.follow_ledger()


@shared_task(name="approvals.notify")
def notify() -> None:
    """Send what is due by e-mail and webhook. In a queue of its own: what hangs there keeps no request waiting."""
    notifying.send_due(seconds=30)


@shared_task(name="approvals.reports")
def reports() -> None:
    """Roll up the reports."""
    report_turn.keep_reports(now=get_now())


@shared_task(name="approvals.quality")
def quality() -> None:
    """Keep samples, and watch what became of agents' values."""
    quality_turn.keep_quality(now=get_now())
