"""Handing a request on: a reviewer lets the backups of its groups decide too, and says why (APR-09)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from approvals.models import AgentActionRequest, EscalationNote
from approvals.selectors.quorum import get_requirement
from approvals.services.claim import lock_request
from approvals.services.escalation import escalate_group
from approvals.services.review_errors import EscalationRefusedError, RequestNotFoundError
from approvals.services.review_gate import require_eligible, require_open, require_reviewer
from audit.domain.event import Actor
from governance.models import ApproverGroup

MAX_NOTE = 2_000


def escalate_request(*, request_id: UUID, person_id: UUID, user_id: int, note: str, now: datetime) -> tuple[str, ...]:
    """Ask the backup of every group that must agree. Returns the names of those asked now.

    It lowers nothing: as many people must agree as before, and who may not decide still may not. Whoever hands it on
    may still decide themselves. Commits steps, note and `request.escalated`. Raises ReviewError subclasses.
    """
    note = note.replace("\x00", "").strip()[:MAX_NOTE]
    if not note:
        raise EscalationRefusedError("say why: it is what they read first")
    with transaction.atomic():
        request = lock_request(request_id)
        if request is None:
            raise RequestNotFoundError("no such request")
        require_reviewer(request, person_id, user_id)
        require_open(request, request.digest)
        require_eligible(request, person_id)
        actor = Actor("human", str(person_id))
        groups = _groups(request)
        if not groups:
            raise EscalationRefusedError("none of its groups has a backup")
        asked = tuple(
            group.backup_group.name
            for group in groups
            if group.backup_group is not None
            and escalate_group(request, group, cause="person", actor=actor, now=now, note=note)
        )
        if not asked:
            raise EscalationRefusedError("it is with the backups already")
        EscalationNote.objects.create(request=request, person_id=person_id, note=note, created_at=now)
    return asked


def _groups(request: AgentActionRequest) -> list[ApproverGroup]:
    """The request's groups that have a backup."""
    slugs = get_requirement(request).all_groups
    rows = ApproverGroup.objects.filter(
        workspace=request.workspace_id, slug__in=slugs, backup_group__isnull=False
    ).select_related("backup_group")
    return list(rows.order_by("slug"))
