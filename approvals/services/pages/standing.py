"""Standing approvals in words, and whether this request's likes may be approved beforehand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from approvals.domain.patch import read_patch
from approvals.domain.standing import why_not
from approvals.models import AgentActionRequest, StandingApproval
from approvals.selectors.of_agents import of_agents
from approvals.selectors.quorum import get_requirement
from approvals.services.pages.labels import fields_of
from governance.selectors.held import AgentScope


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


def show_standing(workspace_id: UUID, *, now: datetime, agents: AgentScope = None) -> tuple[ShownStanding, ...]:
    """The newest two hundred, those that still approve first. One query."""
    rows = StandingApproval.objects.filter(of_agents(agents), workspace_id=workspace_id)
    rows = rows.select_related("person", "agent", "revoked_by")
    shown = [_show(row, now) for row in rows.order_by("-number")[:200]]
    return tuple(sorted(shown, key=lambda item: bool(item.state)))


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
