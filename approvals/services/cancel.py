"""Cancel: the agent that asked, or a person, takes a request back before it is claimed."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from approvals.domain.status import Status
from approvals.models import AgentActionRequest
from approvals.selectors.of_agents import concerned_agent_id
from approvals.services.claim import lock_request
from approvals.services.events import request_event
from approvals.services.transition import advance
from audit.domain.event import Actor
from governance.selectors.access import ensure_may_for

_CANCELLABLE = (Status.EVALUATING, Status.PENDING, Status.APPROVED, Status.HELD)


class CancelError(Exception):
    """Base of what could not be cancelled."""

    code = "cancel_error"
    http_status = 409


class NotFoundError(CancelError):
    """No such request, or another agent's."""

    code = "not_found"
    http_status = 404


class NotCancellableError(CancelError):
    """It is under way or settled."""

    code = "not_cancellable"


def cancel_request(
    *,
    request_id: UUID,
    actor: Actor,
    reason: str,
    now: datetime,
    agent_id: UUID | None = None,
    user_id: int | None = None,
) -> str:
    """Cancel a request that is not yet claimed; again is harmless. Returns the status.

    An agent passes its `agent_id` and reaches its own requests only; a person's `user_id` needs `review_requests` on
    the workspace. Raises NotFoundError, NotCancellableError, `governance.selectors.access.NotAllowedError`.
    """
    with transaction.atomic():
        request = lock_request(request_id)
        if request is None or (agent_id is not None and request.agent_id != agent_id):
            raise NotFoundError("no such request")
        if agent_id is None:
            ensure_may_for(
                user_id=user_id,
                permission="review_requests",
                workspace_id=request.workspace_id,
                agent_id=concerned_agent_id(request),
            )
        if request.status == Status.CANCELLED:
            return request.status
        _cancel(request, actor, reason, now)
    return Status.CANCELLED


def _cancel(request: AgentActionRequest, actor: Actor, reason: str, now: datetime) -> None:
    code = "cancelled" if actor.type == "agent" else "cancelled_by_person"
    is_cancelled = request.status in _CANCELLABLE and advance(
        request_id=request.pk,
        expected=set(_CANCELLABLE),
        new=Status.CANCELLED,
        code=code,
        now=now,
        event=request_event(
            request,
            "request.cancelled",
            actor,
            data={"code": code, "from": request.status},
            values={"reason": reason} if reason else None,
        ),
        not_before=None,
    )
    if not is_cancelled:
        raise NotCancellableError(f"the request is `{request.status}`: it cannot be cancelled any more")
