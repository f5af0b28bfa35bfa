"""Incident releases: bulk reverts that two people let pass the very stops that the release names (DESIGN §5.5)."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from approvals.domain.bulk_revert import RELEASABLE
from approvals.models import AgentActionRequest, BulkRevert, BulkRevertItem
from governance.domain.change_status import ChangeStatus
from governance.domain.facts import SwitchFacts
from governance.domain.vocabulary import SwitchKind
from governance.models import KillSwitch
from governance.selectors.switches import get_switch_facts

HOLDING = (SwitchKind.ALL, SwitchKind.WRITE_BACK)
"""What holds a person's undoing, too."""


def read_stops(request: AgentActionRequest) -> SwitchFacts:
    """The switches in force for a request, read now. One query; for a revert that a stop would hold, up to two more.

    INVARIANT: a release passes the stops that it names, for the reverts of its job, while that is under way: whatever
    else is in force holds them, whenever it was engaged.
    """
    switches = get_switch_facts(workspace_id=request.workspace_id, agent_id=request.agent_id)
    if request.reverses_id is None or not _holds(switches):
        return switches
    rows = BulkRevertItem.objects.filter(
        revert_id=request.pk,
        bulk_revert__workspace_id=request.workspace_id,
        bulk_revert__state__in=RELEASABLE,
        bulk_revert__release__status=ChangeStatus.APPLIED,
    )
    return _without(switches, request.workspace_id, rows.values_list("bulk_revert__release__payload", flat=True))


def read_job_stops(job: BulkRevert, switches: SwitchFacts) -> SwitchFacts:
    """The same for a whole bulk revert (`release` joined), of the switches that were read for its person."""
    release = job.release
    if release is None or release.status != ChangeStatus.APPLIED or not _holds(switches):
        return switches
    return _without(switches, job.workspace_id, [release.payload])


def list_holding_stops(workspace_id: UUID) -> list[KillSwitch]:
    """The stops in force that hold a bulk revert. One query."""
    rows = KillSwitch.objects.filter(workspace_id=workspace_id, lifted_at__isnull=True, kind__in=HOLDING)
    return list(rows.order_by("engaged_at"))


def _holds(switches: SwitchFacts) -> bool:
    return switches.is_all_stopped or switches.is_write_back_off


def _without(switches: SwitchFacts, workspace_id: UUID, payloads: Iterable[dict[str, Any]]) -> SwitchFacts:
    """Without the stops that a release names; as they are where another one is in force."""
    named = {name for payload in payloads for name in payload.get("stops", ())}
    if not named or any(str(stop.pk) not in named for stop in list_holding_stops(workspace_id)):
        return switches
    return msgspec.structs.replace(switches, is_all_stopped=False, is_write_back_off=False)
