"""Two-person changes: what waits, and whether enough people agreed."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from audit.selectors.database_clock import DatabaseNow
from governance.domain.change_status import ChangeStatus, ChangeVerdict
from governance.domain.decision import Requirement
from governance.domain.proposed_change import ProposedChange
from governance.domain.quorum import APPROVE, CastVote, QuorumState, judge_quorum
from governance.models import ChangeProposal
from governance.selectors.access import may


def list_waiting_changes(workspace_ids: Iterable[UUID]) -> QuerySet[ChangeProposal]:
    """What waits for a second person and is still in time, the longest first, each with proposer and workspace."""
    rows = ChangeProposal.objects.filter(
        workspace_id__in=workspace_ids, status=ChangeStatus.WAITING, expires_at__gt=DatabaseNow()
    )
    return rows.select_related("proposed_by", "workspace").order_by("created_at")


def list_waiting_lifts(workspace_id: UUID) -> QuerySet[ChangeProposal]:
    """Proposals to lift a kill switch that wait for a second person."""
    return list_waiting_changes([workspace_id]).filter(kind="switch.lift")


def get_change_quorum(proposal: ChangeProposal, *, permissions: tuple[str, ...], count: int) -> QuorumState:
    """Whether those who countersigned suffice: active people whose login still holds one of `permissions`, at least one
    for each of them and `count` in all, without the proposer. A few decisions at most: their logins are asked one by
    one.
    """
    decisions = proposal.decisions.filter(
        verdict=ChangeVerdict.COUNTERSIGN, person__is_active=True, user__is_active=True
    ).select_related("user")
    found = list(decisions)
    memberships = {
        permission: {str(row.person_id) for row in found if may(row.user, permission, proposal.workspace_id)}
        for permission in permissions
    }
    return judge_quorum(
        Requirement(permissions, count),
        [CastVote(str(row.person_id), APPROVE, row.digest) for row in found],
        memberships,
        {str(proposal.proposed_by_id)},
        digest=proposal.digest,
    )


def proposed_change(proposal: ChangeProposal, *, countersigned_by: UUID | None = None) -> ProposedChange:
    """The row as plain values."""
    return ProposedChange(
        id=proposal.pk,
        workspace_id=proposal.workspace_id,
        kind=proposal.kind,
        subject=proposal.subject,
        reason=proposal.reason,
        proposed_by=proposal.proposed_by_id,
        countersigned_by=countersigned_by,
    )
