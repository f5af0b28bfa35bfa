"""How a canary ends: a person's word is kept and counted, and nothing is carried out (QAS-02)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from approvals.domain.canary import CANARY, CanaryOutcome
from approvals.domain.status import Status
from approvals.models import AgentActionRequest, Canary
from approvals.services.canary_events import BY
from approvals.services.claim import NOT_EXPIRED
from approvals.services.events import request_event
from approvals.services.review_errors import ApprovalExpiredError
from approvals.services.transition import advance
from audit.domain.event import Actor
from audit.services.append import append_events


@dataclass(frozen=True, slots=True)
class CanaryEnd:
    status: Status
    outcome: CanaryOutcome


def settle_canary(
    request: AgentActionRequest, *, person_id: UUID, is_denied: bool, is_caught: bool, now: datetime
) -> CanaryEnd:
    """Put it away at the first word on it, however many people it would have taken. In the caller's transaction, under
    the row's lock. Appends how it ended and `canary.caught` or `canary.missed`, which opens an exception.

    Raises ApprovalExpiredError.
    """
    row = Canary.objects.get(request=request)
    new = Status.DENIED if is_denied else Status.CANCELLED
    outcome = CanaryOutcome.CAUGHT if is_caught else CanaryOutcome.MISSED
    told = {"id": str(row.pk), "pattern": row.pattern, "field": row.field, "outcome": outcome.value}
    by = Actor("human", str(person_id))
    is_first = advance(
        request_id=request.pk,
        expected=Status.PENDING,
        new=new,
        code="denied_by_person" if is_denied else CANARY,
        now=now,
        event=request_event(request, f"request.{new}", by, data={"digest": request.digest, CANARY: told}),
        conditions=Q(digest=request.digest) & NOT_EXPIRED,
        decided_by=f"person:{person_id}",
        decided_at=now,
    )
    if not is_first:
        raise ApprovalExpiredError("the request expired while you voted")
    Canary.objects.filter(pk=row.pk).update(outcome=outcome, person=person_id, decided_at=now)
    data = {"person": str(person_id), **told}
    append_events([request_event(request, f"canary.{outcome}", BY, data=data)], now=now)
    return CanaryEnd(new, outcome)
