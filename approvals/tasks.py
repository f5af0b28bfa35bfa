"""Celery tasks: thin doors that take ids. No retries here: a retry is a row with `not_before`."""

from uuid import UUID

from celery import shared_task

from approvals.dispatch import TASKS
from approvals.services import decision, execution, followers, notifying, quality_turn, reconciliation, report_turn
from approvals.services import study as studying
from approvals.services import sweep as sweeping
from approvals.services import watch as watching
from audit.selectors.clock import get_now


@shared_task(name=TASKS["decide"])
def decide_request(*, request_id: str) -> None:
    """Judge one request whose facts lie at a remote CRM."""
    decision.decide_request(request_id=UUID(request_id), now=get_now())


@shared_task(name=TASKS["execute"])
def execute_request(*, request_id: str) -> None:
    """Try to execute one approved request."""
    execution.execute_request(request_id=UUID(request_id), worker="celery")


@shared_task(name=TASKS["reconcile"])
def reconcile_request(*, request_id: str) -> None:
    """Look up one unknown outcome."""
    reconciliation.reconcile_request(request_id=UUID(request_id), worker="celery")


@shared_task(name="approvals.sweep")
def sweep() -> None:
    """Re-dispatch whatever the tables say is due."""
    sweeping.sweep(now=get_now())


@shared_task(name="approvals.study")
def study() -> None:
    """Work on backtests and shadow runs for a while."""
    studying.study(seconds=20)


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
