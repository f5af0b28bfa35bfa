"""Ledger events about canaries. What is told of one before it is decided is told of the canary, not of its request."""

from typing import Any

from approvals.models import Canary
from approvals.services.events import system
from audit.domain.event import NewEvent, Subject

BY = system("canaries")


def canary_event(row: Canary, name: str, *, data: dict[str, Any]) -> NewEvent:
    """`canary.` and what became of it; `row`'s workspace must be joined."""
    return NewEvent(
        type=f"canary.{name}",
        workspace=row.workspace.slug,
        actor=BY,
        subject=Subject("canary", str(row.pk)),
        correlation_id=f"canary-{row.pk}",
        data=data,
    )
