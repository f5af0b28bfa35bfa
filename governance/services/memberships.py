"""Membership of approver groups, ended by itself: a vote that was not cast yet counts no more (APR-05, IDN-08)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.domain.event import Actor
from governance.models import Membership
from governance.selectors.access import ensure_may_any
from governance.services.config_changes import record_config_change


def end_membership(*, membership_id: UUID, actor: Actor, user_id: int, now: datetime) -> None:
    """Take one person out of one group. Takes `manage_agents` or `review_access` in the group's workspace.

    Commits the end and `config.changed`; nothing when it has ended. Raises NotAllowedError, LedgerUnavailableError.
    """
    with transaction.atomic():
        rows = Membership.objects.select_for_update(of=("self",)).select_related("group")
        row = rows.filter(pk=membership_id).first()
        if row is None:
            return
        workspace_id = row.group.workspace_id
        ensure_may_any(user_id=user_id, permissions=("manage_agents", "review_access"), workspace_id=workspace_id)
        record_config_change(workspace_id=workspace_id, row=row, operation="deleted", fields=[], actor=actor, now=now)
        row.delete()
