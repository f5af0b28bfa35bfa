"""Decision by worker: requests whose facts lie at a remote CRM."""

from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from approvals.dispatch import nudge
from approvals.domain.judgement import Judgement, decision_columns, decision_event_data
from approvals.domain.patch import dump_patch
from approvals.domain.status import Status
from approvals.models import AgentActionRequest
from approvals.services.dnc import dnc_events
from approvals.services.events import request_event, system
from approvals.services.gathering import read_switches
from approvals.services.judging import (
    broken,
    judge_at_hand,
    judge_with,
    load_index,
    needs_crm,
    read_crm,
    with_addresses,
)
from approvals.services.recheck import request_association
from approvals.services.standing import apply_standing_approval
from approvals.services.transition import advance
from approvals.services.world import with_world
from audit.services.append import append_events
from crm_connectors.services.connectors import get_connector
from governance.domain.facts import Facts
from governance.selectors.releases import get_release


def decide_request(*, request_id: UUID, now: datetime) -> str:
    """Read the CRM, judge, and commit the outcome. Returns the status it has now; a second call changes nothing.

    Never called inside a transaction. A CRM that cannot be read denies with `check_failed`.
    """
    rows = AgentActionRequest.objects.select_related("workspace", "connection", "agent")
    request = rows.get(pk=request_id)
    if request.status != Status.EVALUATING:
        return request.status
    release = get_release(request.workspace_id, request.connection.environment)
    version_id, digest = (release.version_id, release.version.digest) if release is not None else (None, None)
    judgement = _judge(request, digest, now)
    with transaction.atomic():
        _commit(request, judgement, version_id, now)
    if judgement.status is Status.APPROVED:
        nudge("execute", request.pk)
    elif judgement.status is Status.PENDING:
        apply_standing_approval(request_id=request.pk, now=now)
    return str(AgentActionRequest.objects.values_list("status", flat=True).get(pk=request_id))


def _judge(request: AgentActionRequest, policy_digest: str | None, now: datetime) -> Judgement:
    stored = msgspec.convert(request.facts, Facts)
    switches = read_switches(workspace_id=request.workspace_id, agent_id=request.agent_id)
    facts = msgspec.structs.replace(stored, now=now, switches=switches)
    try:
        index = load_index(policy_digest)
        at_hand = judge_at_hand(index, facts)
        if at_hand is not None or index is None:
            return at_hand or broken(facts, connection_id=request.connection_id)
        if needs_crm(index, facts):
            facts = read_crm(get_connector(request.connection_id, kind=request.connection.kind), index, facts)
        else:
            facts = with_addresses(index, facts, None)
        complete = with_world(
            facts,
            index,
            workspace_id=request.workspace_id,
            agent_id=request.agent_id,
            request_id=request.pk,
            now=now,
        )
        return judge_with(index, complete)
    except Exception:  # noqa: BLE001 - an error while judging denies
        return broken(facts, connection_id=request.connection_id)


def _commit(request: AgentActionRequest, judgement: Judgement, version_id: UUID | None, now: datetime) -> None:
    columns = decision_columns(
        judgement,
        request_id=request.pk,
        association=request_association(request),
        policy_version_id=version_id,
        now=now,
    )
    event = request_event(
        request,
        "request.decided",
        system("policy"),
        data=decision_event_data(judgement, digest=columns["digest"]),
        values={"patch": dump_patch(judgement.decision.patch)} if judgement.decision.patch else None,
    )
    is_decided = advance(
        request_id=request.pk,
        expected=Status.EVALUATING,
        new=judgement.status,
        code=judgement.code,
        now=now,
        event=event,
        **columns,
    )
    if is_decided:
        append_events(dnc_events(request, judgement.facts, point="decision"), now=now)
