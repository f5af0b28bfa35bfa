"""Evidence that a control works, pushed by the rooms above when they have seen it (SBX-01)."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.models import ControlEvidence, Workspace

SANDBOX_REVERT = "sandbox_revert"
"""An action of the agent was taken back in a sandbox, and read back as it was before."""


def record_evidence(
    *,
    workspace_id: uuid.UUID,
    agent_id: uuid.UUID | None,
    kind: str,
    subject: str,
    data: Mapping[str, str],
    now: datetime,
) -> bool:
    """Keep one proof with its `control.proven` event, in the caller's transaction; False when it is kept already."""
    row, is_new = ControlEvidence.objects.get_or_create(
        kind=kind,
        subject=subject,
        defaults={"workspace_id": workspace_id, "agent_id": agent_id, "data": dict(data), "created_at": now},
    )
    if is_new:
        event = NewEvent(
            type="control.proven",
            workspace=Workspace.objects.values_list("slug", flat=True).get(pk=workspace_id),
            actor=Actor("system", "verification"),
            subject=Subject("control_evidence", str(row.pk)),
            correlation_id=f"evidence-{row.pk}",
            data={"kind": kind, "of": subject, "agent": str(agent_id) if agent_id else None, **data},
        )
        append_event(event, now=now)
    return is_new
