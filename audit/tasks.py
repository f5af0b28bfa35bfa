"""Celery's door to the ledger's keeper. The scheduler calls it every second; two at once wait for each other's lock."""

from celery import shared_task

from audit.selectors.clock import get_now
from audit.services.maintain import maintain_ledger


@shared_task(name="audit.maintain_ledger")
def maintain_ledger_task() -> None:
    """Import what was spooled, sequence what is pending, sign."""
    maintain_ledger(now=get_now())
