"""Escalation: a group's backup may decide one request in the group's place too (APR-09)."""

from datetime import datetime

from approvals.models import AgentActionRequest, ReviewStep
from approvals.services.events import request_event
from audit.domain.event import Actor
from audit.services.append import append_event
from governance.models import ApproverGroup


def escalate_group(
    request: AgentActionRequest, group: ApproverGroup, *, cause: str, actor: Actor, now: datetime, note: str = ""
) -> bool:
    """Let the backup of `group` (joined) decide `request` too: call it under the request's lock, while it is pending.

    Writes the step and appends `request.escalated` in the caller's transaction. False when it was escalated before or
    has no backup. Who may not decide this request still may not; `cause` is `clock`, `nobody_left` or `person`, whose
    `note` goes along.
    """
    backup = group.backup_group
    if backup is None:
        return False
    step, _ = ReviewStep.objects.get_or_create(request=request, group=group, kind=ReviewStep.ESCALATION)
    rows = ReviewStep.objects.filter(pk=step.pk).exclude(outcome="done")
    if not rows.update(done_at=now, outcome="done", cause=cause):
        return False
    data = {"group": group.slug, "backup": backup.slug, "cause": cause}
    values = {"note": note} if note else None
    append_event(request_event(request, "request.escalated", actor, data=data, values=values), now=now)
    return True
