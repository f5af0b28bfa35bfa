"""Standing approvals in words, and whether this request's likes may be approved beforehand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, F, Q, When

from approvals.domain.patch import read_patch
from approvals.domain.standing import why_not
from approvals.models import AgentActionRequest, StandingApproval
from approvals.selectors.of_agents import of_agents
from approvals.selectors.quorum import get_requirement
from approvals.services.pages.labels import fields_of
from governance.selectors.held import AgentScope

SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStanding:
    """`state` is empty while it approves, else why it no longer does."""

    id: UUID
    number: int
    person: str
    covers: str
    confidence: str
    used: str
    last_used_at: datetime | None
    expires_at: datetime
    given_for: UUID
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingPage:
    """One page; `is_more`: another one follows."""

    rows: tuple[ShownStanding, ...]
    is_more: bool


def show_standing(workspace_id: UUID, *, now: datetime, page: int = 1, agents: AgentScope = None) -> StandingPage:
    """Fifty, those that still approve first, then the newest. One query."""
    rows = StandingApproval.objects.filter(of_agents(agents), workspace_id=workspace_id)
    is_live = Q(revoked_at=None, expires_at__gt=now, uses__lt=F("max_uses"))
    rows = rows.annotate(place=Case(When(is_live, then=0), default=1)).select_related("person", "agent", "revoked_by")
    start = (page - 1) * SHOWN
    found = list(rows.order_by("place", "-number")[start : start + SHOWN + 1])
    return StandingPage(rows=tuple(_show(row, now) for row in found[:SHOWN]), is_more=len(found) > SHOWN)


def may_stand(request: AgentActionRequest) -> bool:
    """Whether somebody may approve the likes of this request beforehand, by the policy that decided it; giving asks the
    one in force. Expects `connection`. No query once the policy is cached."""
    if request.agent_id is None:
        return False
    fields = fields_of(request, request.object_type)
    return not why_not(request.action, read_patch(request.patch), get_requirement(request), fields)


def _show(row: StandingApproval, now: datetime) -> ShownStanding:
    return ShownStanding(
        id=row.pk,
        number=row.number,
        person=row.person.name,
        covers=f"{row.agent.name}: {row.action} on {row.object_type}, exactly {_fields(row.allowed_values)}",
        confidence=f"confidence {row.min_confidence:.2f} or more",
        used=f"used {row.uses} of {row.max_uses}",
        last_used_at=row.last_used_at,
        expires_at=row.expires_at,
        given_for=row.given_for_id,
        state=_state(row, now),
    )


def _fields(allowed: dict[str, Any]) -> str:
    told = (
        f"{name} (any value)" if values is None else f"{name} = {' or '.join(str(value) for value in values)[:200]}"
        for name, values in sorted(allowed.items())
    )
    return ", ".join(told)


def _state(row: StandingApproval, now: datetime) -> str:
    if row.revoked_at is not None:
        by = f" by {row.revoked_by.name}" if row.revoked_by is not None else ""
        return f"revoked{by} on {row.revoked_at:%d %b %Y}"
    if row.expires_at <= now:
        return "ended"
    return "used up" if row.uses >= row.max_uses else ""
