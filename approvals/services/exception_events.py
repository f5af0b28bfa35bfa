"""Ledger events about exceptions: who, which case, codes; what people wrote stays erasable (AUD-02, AUD-07)."""

from typing import Any

from approvals.models import ExceptionCase
from audit.domain.event import Actor, NewEvent, Subject

SYSTEM = Actor("system", "exceptions")
SUBJECT = "exception"


def case_event(
    case: ExceptionCase, name: str, actor: Actor, *, data: dict[str, Any], values: dict[str, Any] | None = None
) -> NewEvent:
    """One event `exception.<name>` about `case`, whose workspace must be joined."""
    return NewEvent(
        type=f"exception.{name}",
        workspace=case.workspace.slug,
        actor=actor,
        subject=Subject(SUBJECT, str(case.pk)),
        correlation_id=f"exception-{case.pk}",
        data=data,
        values=values or {},
    )
