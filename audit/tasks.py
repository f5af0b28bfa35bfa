"""Celery's door to the ledger's keeper. The scheduler calls it every second; two at once wait for each other's lock."""

from celery import shared_task

from audit.selectors.clock import get_now
from audit.services.advance_tree import advance_tree


@shared_task(name="audit.advance_tree")
def advance_tree_task() -> None:
    """Sequence and sign what is pending."""
    advance_tree(now=get_now())
