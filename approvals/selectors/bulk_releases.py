"""Incident releases: bulk reverts that two people let pass the very stops that the release names (DESIGN §5.5)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
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
    """The switches in force for a request, read now. See `list_stops`."""
    return list_stops([request])[request.pk]


def list_stops(requests: Sequence[AgentActionRequest]) -> dict[UUID, SwitchFacts]:
    """The same for several, by id. One query for each agent and for the people of each workspace; where a stop would
    hold reverts two more for each workspace, whatever their number.
    """
    places = {(request.workspace_id, request.agent_id) for request in requests}
    in_force = {place: get_switch_facts(workspace_id=place[0], agent_id=place[1]) for place in places}
    return with_releases(requests, {one.pk: in_force[one.workspace_id, one.agent_id] for one in requests})


def with_releases(requests: Sequence[AgentActionRequest], in_force: dict[UUID, SwitchFacts]) -> dict[UUID, SwitchFacts]:
    """The switches in force for each, without those that a release passes. Two queries for each workspace where a stop
    would hold reverts, else none.

    INVARIANT: a release passes the stops that it names, for the reverts of its job, while that is under way: whatever
    else is in force holds them, whenever it was engaged.
    """
    found = dict(in_force)
    held: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for request in requests:
        if request.reverses_id is not None and _holds(found[request.pk]):
            held[request.workspace_id].append(request.pk)
    for workspace_id, reverts in held.items():
        found |= _released(workspace_id, {revert: found[revert] for revert in reverts})
    return found


def _released(workspace_id: UUID, held: dict[UUID, SwitchFacts]) -> dict[UUID, SwitchFacts]:
    rows = BulkRevertItem.objects.filter(
        revert_id__in=held,
        bulk_revert__workspace_id=workspace_id,
        bulk_revert__state__in=RELEASABLE,
        bulk_revert__release__status=ChangeStatus.APPLIED,
    )
    payloads: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for revert_id, payload in rows.values_list("revert_id", "bulk_revert__release__payload"):
        if revert_id is not None:
            payloads[revert_id].append(payload)
    stops = list_holding_stops(workspace_id) if payloads else []
    return {revert: _without(switches, stops, payloads[revert]) for revert, switches in held.items()}


def read_job_stops(job: BulkRevert, switches: SwitchFacts) -> SwitchFacts:
    """The same for a whole bulk revert (`release` joined), of the switches that were read for its person."""
    release = job.release
    if release is None or release.status != ChangeStatus.APPLIED or not _holds(switches):
        return switches
    return _without(switches, list_holding_stops(job.workspace_id), [release.payload])


def list_holding_stops(workspace_id: UUID) -> list[KillSwitch]:
    """The stops in force that hold a bulk revert. One query."""
    rows = KillSwitch.objects.filter(workspace_id=workspace_id, lifted_at__isnull=True, kind__in=HOLDING)
    return list(rows.order_by("engaged_at"))


def _holds(switches: SwitchFacts) -> bool:
    return switches.is_all_stopped or switches.is_write_back_off


def _without(switches: SwitchFacts, stops: Sequence[KillSwitch], payloads: Iterable[dict[str, Any]]) -> SwitchFacts:
    """Without the stops that a release names; as they are where another one of `stops` is in force."""
    named = {name for payload in payloads for name in payload.get("stops", ())}
    if not named or any(str(stop.pk) not in named for stop in stops):
        return switches
    return msgspec.structs.replace(switches, is_all_stopped=False, is_write_back_off=False)
