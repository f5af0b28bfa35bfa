"""Incident releases: bulk reverts that two people let pass the stops in force when they agreed (DESIGN §5.5)."""

from datetime import datetime
from uuid import UUID

import msgspec

from approvals.models import AgentActionRequest, BulkRevert, BulkRevertItem
from governance.domain.change_status import ChangeStatus
from governance.domain.facts import SwitchFacts
from governance.domain.vocabulary import SwitchKind
from governance.models import KillSwitch
from governance.selectors.switches import get_switch_facts

_HOLDING = (SwitchKind.ALL, SwitchKind.WRITE_BACK)


def read_stops(request: AgentActionRequest) -> SwitchFacts:
    """The switches in force for a request, read now. One query; for a revert that a stop would hold, up to two more.

    INVARIANT: a stop that was engaged after the release holds what was released, too.
    """
    switches = get_switch_facts(workspace_id=request.workspace_id, agent_id=request.agent_id)
    if request.reverses_id is None or not _holds(switches):
        return switches
    rows = BulkRevertItem.objects.filter(revert_id=request.pk, bulk_revert__release__status=ChangeStatus.APPLIED)
    released_at = rows.values_list("bulk_revert__release__ended_at", flat=True).first()
    return _without(switches, request.workspace_id, released_at)


def read_job_stops(job: BulkRevert, switches: SwitchFacts) -> SwitchFacts:
    """The same for a whole bulk revert (`release` joined), of the switches that were read for its person."""
    release = job.release
    if release is None or release.status != ChangeStatus.APPLIED or not _holds(switches):
        return switches
    return _without(switches, job.workspace_id, release.ended_at)


def _holds(switches: SwitchFacts) -> bool:
    return switches.is_all_stopped or switches.is_write_back_off


def _without(switches: SwitchFacts, workspace_id: UUID, released_at: datetime | None) -> SwitchFacts:
    """Without the stops of before the release; as they are where a later one is in force."""
    if released_at is None:
        return switches
    later = KillSwitch.objects.filter(
        workspace_id=workspace_id, lifted_at__isnull=True, kind__in=_HOLDING, engaged_at__gte=released_at
    )
    if later.exists():
        return switches
    return msgspec.structs.replace(switches, is_all_stopped=False, is_write_back_off=False)
