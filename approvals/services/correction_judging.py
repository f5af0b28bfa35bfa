"""Judging a corrected change: the live policy, the record read anew, the world asked again (APR-12)."""

from datetime import datetime
from uuid import UUID

import msgspec

from approvals.domain.judgement import Judgement
from approvals.models import AgentActionRequest
from approvals.services.gathering import read_switches
from approvals.services.judging import broken, judge_with, load_index, needs_crm, read_crm, with_addresses
from approvals.services.provenance import provenance_of, with_provenance
from approvals.services.recheck import refresh_facts
from approvals.services.review_errors import CorrectionRefusedError
from approvals.services.today import Today
from approvals.services.world import with_world
from crm_connectors.services.connectors import get_connector
from governance.domain.budget_counter import read_holds
from governance.domain.facts import Facts
from governance.domain.index import PolicyIndex
from governance.selectors.releases import get_release


def get_rules(request: AgentActionRequest) -> tuple[PolicyIndex, UUID]:
    """The policy in force, and its version's id. Raises CorrectionRefusedError when there is none."""
    release = get_release(request.workspace_id, request.connection.environment)
    index = load_index(release.version.digest) if release is not None else None
    if release is None or index is None:
        message = "no policy is in force, and what policy does not name is denied"
        raise CorrectionRefusedError(message, reasons=(("", f"{message}."),))
    return index, release.version_id


def judge_correction(request: AgentActionRequest, index: PolicyIndex, facts: Facts, *, now: datetime) -> Judgement:
    """The engine's word on `facts` with everything that may have changed since they were gathered. Reads the CRM, so
    never inside a transaction; an error while judging denies."""
    try:
        switches = read_switches(workspace_id=request.workspace_id, agent_id=request.agent_id)
        fresh = refresh_facts(request, switches, today=Today([request]), now=now)
        is_corrected = facts.correction is not None  # else it is asked for now, and counts like what an agent asks
        current = msgspec.structs.replace(
            fresh, request=facts.request, correction=facts.correction, is_second_look=is_corrected
        )
        current = with_provenance(index, current, provenance_of(request))
        if needs_crm(index, current):
            connector = get_connector(request.connection_id, kind=request.connection.kind)
            current = read_crm(connector, index, current)
        else:
            current = with_addresses(index, current, None)
        complete = with_world(
            current,
            index,
            workspace_id=request.workspace_id,
            agent_id=request.agent_id,
            request_id=request.pk,
            now=now,
            held=read_holds(request.holds),
        )
        return judge_with(index, complete)
    except Exception:  # noqa: BLE001 - an error while judging denies
        return broken(facts, connection_id=request.connection_id)
