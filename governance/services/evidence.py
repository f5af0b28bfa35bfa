"""Evidence that a control works, pushed by the rooms above when they have seen it (SBX-01)."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_with
from audit.services.rows import rows_of
from governance.models import ControlEvidence

SANDBOX_REVERT = "sandbox_revert"
"""An action of the agent was taken back in a sandbox, and read back as it was before."""


class Evidence(NamedTuple):
    """One proof: of `kind`, by the request or drill `subject`. `workspace` is the slug of its workspace."""

    workspace_id: uuid.UUID
    workspace: str
    agent_id: uuid.UUID | None
    kind: str
    subject: str
    data: dict[str, str]


def record_all_evidence(proofs: Sequence[Evidence], *, now: datetime) -> int:
    """Keep proofs with their `control.proven` events, in the caller's transaction, by two statements; how many were not
    kept already. No two of one kind and subject; whoever keeps one holds its subject. Raises what `append_with` raises.
    """
    subjects = [one.subject for one in proofs]
    kept = ControlEvidence.objects.filter(kind__in={one.kind for one in proofs}, subject__in=subjects)
    known = set(kept.values_list("kind", "subject")) if proofs else set()
    made = [(one, _row(one, now)) for one in proofs if (one.kind, one.subject) not in known]
    if made:
        append_with(
            [rows_of([row for _, row in made])], [_event(one, row) for one, row in made], now=now, has_savepoint=False
        )
    return len(made)


def _row(one: Evidence, now: datetime) -> ControlEvidence:
    return ControlEvidence(
        workspace_id=one.workspace_id,
        agent_id=one.agent_id,
        kind=one.kind,
        subject=one.subject,
        data=one.data,
        created_at=now,
    )


def _event(one: Evidence, row: ControlEvidence) -> NewEvent:
    agent = str(one.agent_id) if one.agent_id else None
    return NewEvent(
        type="control.proven",
        workspace=one.workspace,
        actor=Actor("system", "verification"),
        subject=Subject("control_evidence", str(row.pk)),
        correlation_id=f"evidence-{row.pk}",
        data={"kind": one.kind, "of": one.subject, "agent": agent, **one.data},
    )
