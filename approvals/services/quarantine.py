"""Quarantine: what was approved and not yet claimed is put away for good, so that lifting a stop does not run it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from approvals.domain.status import Status
from approvals.models import AgentActionRequest
from approvals.services.claim import lock_request
from approvals.services.events import request_event
from approvals.services.transition import advance
from audit.domain.event import Actor
from governance.domain.vocabulary import ActorType
from governance.selectors.access import ensure_may_for
from governance.services.switches import ReasonMissingError

CODE = "quarantined"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """How many were put away, and how many of the queue are left for another call."""

    count: int
    left: int


def quarantine_queue(
    *,
    workspace_id: UUID,
    agent_id: UUID | None,
    reason: str,
    actor: Actor,
    user_id: int,
    now: datetime,
    limit: int = 500,
) -> Quarantined:
    """Put the queued requests of one agent, or of all agents, to `failed` with code `quarantined` (KIL-01).

    What people asked for stays. Each request is a transaction of its own: one that a worker has claimed meanwhile is
    left to the worker. At most `limit` in one call, the oldest first.
    Raises ReasonMissingError, NotAllowedError (needs `engage_switches`, for all agents in the workspace),
    LedgerUnavailableError.
    """
    if not reason.strip():
        raise ReasonMissingError("say why")
    ensure_may_for(user_id=user_id, permission="engage_switches", workspace_id=workspace_id, agent_id=agent_id)
    queued = AgentActionRequest.objects.filter(
        workspace_id=workspace_id, status=Status.APPROVED, actor_type=ActorType.AGENT
    )
    if agent_id is not None:
        queued = queued.filter(agent_id=agent_id)
    ids = list(queued.order_by("id").values_list("id", flat=True)[:limit])
    count = sum(_put_away(request_id, reason.strip(), actor, now) for request_id in ids)
    return Quarantined(count, queued.count())


def _put_away(request_id: UUID, reason: str, actor: Actor, now: datetime) -> bool:
    with transaction.atomic():
        request = lock_request(request_id)
        if request is None:
            return False
        data = {"code": CODE, "from": request.status}
        return request.status == Status.APPROVED and advance(
            request_id=request_id,
            expected=Status.APPROVED,
            new=Status.FAILED,
            code=CODE,
            now=now,
            event=request_event(request, "request.failed", actor, data=data, values={"reason": reason}),
            not_before=None,
        )
