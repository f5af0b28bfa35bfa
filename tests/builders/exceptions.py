"""Exceptions for tests: by the follower, as in the product, or straight from a cause."""

from typing import Any
from uuid import UUID

from approvals.domain.exception_case import CaseKind
from approvals.models import ExceptionCase, Incident
from approvals.services.exception_news import EXCEPTIONS
from approvals.services.exceptions import Cause, open_case
from audit.selectors.clock import get_now
from audit.services.follow import follow
from audit.services.sequence import sequence_pending
from governance.models import Person, Workspace
from tests.builders.governance import make_person

DENIED = {"changes": {"numberofemployees": "many"}, "expected": None}
"""Denied in the world of the builders: `validation_failed` on `numberofemployees`."""


def take_news(limit: int = 500) -> None:
    """Sequence what is pending and let the follower of exceptions take all of it."""
    while sequence_pending(now=get_now()):
        pass
    while follow(EXCEPTIONS, limit=limit):
        pass


def make_case(workspace: Workspace, *, requests: tuple[UUID, ...] = (), count: int = 1, **cause: Any) -> ExceptionCase:
    """An open case: a denial of `amount`, unless said otherwise."""
    values: dict[str, Any] = {"kind": CaseKind.DENIED_BY_RULE, "code": "human_commitment", "field": "amount"}
    now = get_now()
    made = Cause(workspace_id=workspace.pk, **{**values, **cause})
    case_id = open_case(cause=made, requests=requests, count=count, seen_at=now, now=now)
    return ExceptionCase.objects.select_related("workspace", "agent").get(pk=case_id)


def make_incident(case: ExceptionCase, **changes: Any) -> Incident:
    """An open incident that began at the case, of its agent."""
    now = get_now()
    row = {"title": "Wrong values", "severity": "high", "agent": case.agent, "began_at": now, "declared_at": now}
    declared_by = Person.objects.filter(name="Dora Declarer").first() or make_person("Dora Declarer")
    return Incident.objects.create(
        workspace=case.workspace, case=case, **{"declared_by": declared_by, **row, **changes}
    )
