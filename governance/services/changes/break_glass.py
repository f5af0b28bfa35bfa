"""Break-glass takes two people: one asks, another opens it, and it closes by itself (PRM-10)."""

import logging
from datetime import datetime, timedelta

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.domain.break_glass import MAX_MINUTES, break_glass_words
from governance.domain.proposed_change import Payload, ProposedChange
from governance.domain.vocabulary import RiskTier
from governance.models import Agent, BreakGlass, Connection
from governance.selectors.policy import get_policy_index
from governance.services.change_kind import ChangeKind, ChangeRefusedError

logger = logging.getLogger(__name__)


def describe(payload: Payload) -> tuple[str, ...]:
    """Payload: `agent` and `connection` (ids), their names, `action`, `object`, `record` (empty for any), `minutes`."""
    words = break_glass_words(
        agent=payload["agent_name"],
        action=payload["action"],
        object_type=payload["object"],
        record_id=payload["record"],
        connection=payload["connection_name"],
    )
    return (
        f"For {payload['minutes']} minutes {words}, which policy blocks.",
        "Each such action still takes a person's approval, and human commitments stay closed to agents.",
    )


def check(payload: Payload, change: ProposedChange) -> None:
    """Raises ChangeRefusedError."""
    connection = Connection.objects.filter(pk=payload["connection"], workspace_id=change.workspace_id).first()
    is_agent = Agent.objects.filter(pk=payload["agent"], workspace_id=change.workspace_id).exists()
    if connection is None or not is_agent:
        raise ChangeRefusedError("the workspace has no such agent or connection")
    if not 1 <= payload["minutes"] <= MAX_MINUTES:
        raise ChangeRefusedError(f"break-glass lasts 1 to {MAX_MINUTES} minutes")
    index = get_policy_index(change.workspace_id, connection.environment)
    rule = index.actions.get(payload["action"]) if index is not None else None
    if rule is None or rule.risk_tier != RiskTier.BLOCKED:
        raise ChangeRefusedError(f"the risk tier of `{payload['action']}` is not `blocked`: there is no glass to break")
    if not rule.approver_groups:
        raise ChangeRefusedError(
            f"the risk tier of `{payload['action']}` names no approver group: nobody could approve what is opened"
        )


def apply(payload: Payload, change: ProposedChange, now: datetime) -> None:
    glass = BreakGlass.objects.create(
        proposal_id=change.id,
        agent_id=payload["agent"],
        connection_id=payload["connection"],
        action=payload["action"],
        object_type=payload["object"],
        record_id=payload["record"],
        reason=change.reason,
        asked_by_id=change.proposed_by,
        countersigned_by_id=str(change.countersigned_by),
        opened_at=now,
        minutes=payload["minutes"],
        expires_at=now + timedelta(minutes=payload["minutes"]),
    )
    opened = glass_event("break_glass.opened", glass, payload["agent_name"], str(change.countersigned_by))
    append_event(opened, now=now)
    logger.warning(
        "break_glass_opened",
        extra={"break_glass": str(glass.pk), "agent": payload["agent_name"], "action": payload["action"]},
    )


def glass_event(type_: str, glass: BreakGlass, agent_name: str, person_id: str) -> NewEvent:
    """One step of one break-glass; the reason stays erasable."""
    return NewEvent(
        type=type_,
        workspace=Agent.objects.values_list("workspace__slug", flat=True).get(pk=glass.agent_id),
        actor=Actor("human", person_id),
        subject=Subject("break_glass", str(glass.pk)),
        correlation_id=str(glass.proposal_id),
        data={
            "agent": agent_name,
            "action": glass.action,
            "object": glass.object_type,
            "record_id": glass.record_id,
            "asked_by": str(glass.asked_by_id),
            "countersigned_by": str(glass.countersigned_by_id),
            "expires_at": glass.expires_at.isoformat(),
        },
        values={"reason": glass.reason},
    )


KIND = ChangeKind(
    label="Break-glass",
    propose="break_glass",
    countersign=("countersign_changes",),
    expires_after=timedelta(hours=4),
    describe=describe,
    check=check,
    apply=apply,
)
