"""The trace: everything one request went through, on one screen (AUD-03)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import DateTimeField, ExpressionWrapper, QuerySet, Subquery, Value

from approvals.models import AgentActionRequest, Attempt, TraceLink, Vote
from approvals.selectors.quorum import list_votes
from approvals.selectors.requests import find_request
from audit.models import Checkpoint, LedgerEvent
from governance.models import KillSwitch
from governance.selectors.holders import makers_that_may


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """`request` has agent, owner, agent_version, connection, policy_version, person and reverses joined, each event its
    leaf. `signed_size` is how many leaves the newest checkpoint signs; `stopped_since` is set while the agent's own
    switch is in force.
    """

    request: AgentActionRequest
    votes: tuple[Vote, ...]
    attempts: tuple[Attempt, ...]
    reverts: tuple[AgentActionRequest, ...]
    events: tuple[LedgerEvent, ...]
    signed_size: int
    stopped_since: datetime | None


def get_trace(*, request_id: UUID, agent_id: UUID | None = None) -> Trace | None:
    """`trace_of` one request, found first: None if there is none, or it is not the agent's own when `agent_id` is
    given."""
    request = find_request(request_id=request_id, agent_id=agent_id)
    return trace_of(request) if request is not None else None


def trace_of(request: AgentActionRequest) -> Trace:
    """One request as `find_request` gives it, with its votes, attempts, reverts and ledger events, each oldest first.
    Four queries; two for what nobody has tried to carry out."""
    events = tuple(_list_events(request))
    told: Any = events[0] if events else None
    is_tried = request.epoch > 0
    return Trace(
        request=request,
        votes=tuple(list_votes(request)),
        attempts=tuple(Attempt.objects.filter(request=request).order_by("epoch")) if is_tried else (),
        reverts=tuple(AgentActionRequest.objects.filter(reverses=request).order_by("id")) if is_tried else (),
        events=events,
        signed_size=(told.signed_size or 0) if told is not None else 0,
        stopped_since=told.stopped_since if told is not None else None,
    )


def _list_events(request: AgentActionRequest) -> QuerySet[LedgerEvent]:
    """With the newest checkpoint's size and since when the agent is stopped beside each: no statements of their own."""
    stops = KillSwitch.objects.filter(agent=request.agent_id, lifted_at__isnull=True) if request.agent_id else None
    stopped = Subquery(stops.order_by("pk").values("engaged_at")[:1]) if stops is not None else Value(None)
    rows = LedgerEvent.objects.filter(subject_id=str(request.pk), subject_type="request").select_related("leaf")
    return rows.annotate(
        signed_size=Subquery(Checkpoint.objects.order_by("-size").values("size")[:1]),
        stopped_since=ExpressionWrapper(stopped, output_field=DateTimeField(null=True)),
    ).order_by("id")


def list_trace_links(request: AgentActionRequest) -> tuple[TraceLink, ...]:
    """The links by which the trace is shared, oldest first, with who made them; `is_backed` while they may read the
    ledger. One query."""
    backed = makers_that_may("view_ledger", workspace_id=request.workspace_id, person="made_by")
    rows = TraceLink.objects.filter(request=request).annotate(is_backed=backed)
    return tuple(rows.select_related("made_by").order_by("id"))
