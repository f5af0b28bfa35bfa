"""Ledger events about requests: who, which request, and codes; values and free text stay erasable (AUD-02, AUD-07)."""

from typing import Any

from approvals.models import AgentActionRequest
from audit.domain.event import Actor, NewEvent, Subject


def request_event(
    request: AgentActionRequest,
    event_type: str,
    actor: Actor,
    *,
    data: dict[str, Any],
    values: dict[str, Any] | None = None,
) -> NewEvent:
    """One event about `request`, whose workspace must be joined. `data` stays for ever, `values` can be erased."""
    return NewEvent(
        type=event_type,
        workspace=request.workspace.slug,
        actor=actor,
        subject=Subject("request", str(request.pk)),
        correlation_id=request.correlation_id,
        data=data,
        values=values or {},
    )


def system(worker: str) -> Actor:
    """The product itself, by the worker that acted."""
    return Actor("system", worker)


def requester(request: AgentActionRequest) -> Actor:
    """Who asked: the agent (joined), or the person behind a revert."""
    if request.agent is not None:
        return Actor("agent", request.agent.name)
    return Actor("human", str(request.person_id))
