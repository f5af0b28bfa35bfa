"""How a connection's breaker closes other than by a call that went well: a new secret, or a person's word (F40)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.domain.event import Actor
from audit.services.append import append_event
from crm_connectors.models import ConnectionGate
from crm_connectors.services.connection_events import connection_event
from governance.models import Connection, User
from governance.selectors.access import ensure_may

AUTH = "auth"
"""`ConnectionGate.reason` when the CRM refused our credential."""

CLOSED: dict[str, Any] = {
    "state": "closed", "reason": "", "message": "", "failures_count": 0, "pauses_count": 0, "opens_next_at": None,
    "opened_at": None,
}  # fmt: skip
"""Columns of a closed breaker."""


def end_auth_pause(*, connection_id: UUID, actor: Actor, now: datetime) -> None:
    """Let calls through again after a new secret, if the old one was why they were held. In the caller's
    transaction, with `connection.resumed`."""
    rows = ConnectionGate.objects.filter(pk=connection_id, reason=AUTH).exclude(state="closed")
    if rows.update(**CLOSED):
        _record(connection_id, actor, "new_secret", now)


def close_breaker(*, connection_id: UUID, user_id: int, reason: str, now: datetime) -> bool:
    """A person lets calls through now; whether the breaker was open. Also ends what the CRM's «not before» said.

    Takes `manage_agents` and a reason. Commits the row and `connection.resumed`. Raises NotAllowedError, ValueError
    without a reason, LedgerUnavailableError.
    """
    workspace_id = Connection.objects.values_list("workspace_id", flat=True).get(pk=connection_id)
    ensure_may(user_id=user_id, permission="manage_agents", workspace_id=workspace_id)
    if not reason.strip():
        raise ValueError("say why")
    user = User.objects.get(pk=user_id)
    with transaction.atomic():
        rows = ConnectionGate.objects.filter(pk=connection_id).exclude(state="closed", not_before=None)
        if not rows.update(**CLOSED, not_before=None):
            return False
        actor = Actor("human", str(user.person_id or user.username))
        _record(connection_id, actor, "by_a_person", now, why=reason.strip())
    return True


def _record(connection_id: UUID, actor: Actor, code: str, now: datetime, *, why: str = "") -> None:
    values = {"reason": why} if why else {}
    data = {"reason": code}
    append_event(connection_event("connection.resumed", connection_id, actor=actor, data=data, values=values), now=now)
