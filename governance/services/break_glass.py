"""Break-glass: asked for by one person, ended early by any who may ask or countersign (PRM-10)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.selectors.database_clock import DatabaseNow
from audit.services.append import append_event
from governance.domain.break_glass import break_glass_words
from governance.domain.record_id import one_record_id
from governance.models import Agent, BreakGlass, Connection, User
from governance.selectors.access import NotAllowedError, ensure_may_any
from governance.services.change_proposals import propose_change
from governance.services.changes.break_glass import glass_event


class BreakGlassError(ValueError):
    """It cannot be asked for or ended like this. The words say why."""

    code = "break_glass_refused"


def ask_break_glass(
    *,
    agent_id: UUID,
    connection_id: UUID,
    action: str,
    object_type: str,
    record_id: str,
    minutes: int,
    reason: str,
    person_id: UUID,
    user_id: int,
    now: datetime,
) -> UUID:
    """Put a break-glass before a second person; it opens when they countersign, for `minutes` (1 to 240) from then.

    Returns the proposal's id. Raises as `propose_change`; Agent.DoesNotExist, Connection.DoesNotExist.
    """
    agent, connection = Agent.objects.get(pk=agent_id), Connection.objects.get(pk=connection_id)
    record = one_record_id(connection.kind, record_id.strip())
    words = break_glass_words(
        agent=agent.name, action=action, object_type=object_type, record_id=record, connection=connection.name
    )
    return propose_change(
        workspace_id=agent.workspace_id,
        kind="break_glass",
        payload={
            "agent": str(agent.pk),
            "agent_name": agent.name,
            "connection": str(connection.pk),
            "connection_name": connection.name,
            "action": action,
            "object": object_type,
            "record": record,
            "minutes": minutes,
        },
        subject=f"Break-glass: {words}"[:200],
        reason=reason,
        person_id=person_id,
        user_id=user_id,
        now=now,
    )


def end_break_glass(*, break_glass_id: UUID, user_id: int, now: datetime) -> None:
    """Close it before its time: bites with the next request and the next claim.

    Commits the end and `break_glass.ended`. Raises BreakGlassError (none, or over), NotAllowedError.
    """
    with transaction.atomic():
        rows = BreakGlass.objects.select_for_update(of=("self",)).select_related("agent")
        glass = rows.filter(pk=break_glass_id, ended_at__isnull=True, expires_at__gt=DatabaseNow()).first()
        if glass is None:
            raise BreakGlassError("there is no such break-glass, or it is over already")
        ensure_may_any(
            user_id=user_id,
            permissions=("break_glass", "countersign_changes"),
            workspace_id=glass.agent.workspace_id,
        )
        user = User.objects.get(pk=user_id)
        if user.person_id is None:
            raise NotAllowedError("this takes a login that belongs to a person")
        glass.ended_at, glass.ended_by_id = now, user.person_id
        glass.save(update_fields=["ended_at", "ended_by"])
        append_event(glass_event("break_glass.ended", glass, glass.agent.name, str(user.person_id)), now=now)
