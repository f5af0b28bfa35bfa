"""Decision by worker: requests whose facts lie at a remote CRM."""

import itertools
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from approvals.dispatch import nudge
from approvals.domain.judgement import Judgement, decision_columns, decision_event_data
from approvals.domain.patch import dump_patch
from approvals.domain.status import Status
from approvals.models import AgentActionRequest
from approvals.services.anomaly_stop import stop_if_crossed
from approvals.services.budget_facts import RACES, as_full, holds_of
from approvals.services.dnc import dnc_events
from approvals.services.events import request_event, system
from approvals.services.frequency import touches_of
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
from approvals.services.provenance import provenance_of, with_provenance
from approvals.services.recheck import request_association
from approvals.services.standing import apply_standing_approval
from approvals.services.transition import advance
from approvals.services.world import with_world
from audit.services.append import append_events
from crm_connectors.services.connectors import get_connector
from governance.domain.budget_counter import dump_holds
from governance.domain.facts import Facts
from governance.domain.touch_plan import as_contended
from governance.selectors.releases import get_release
from governance.services.budgets import BudgetLostError, reserve_budgets
from governance.services.touches import TouchLostError, reserve_touches


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
    for tries in itertools.count(1):
        try:
            with transaction.atomic():
                _commit(request, judgement, version_id, now)
            break
        except (BudgetLostError, TouchLostError):
            if tries > RACES:
                raise
            judgement = _judge_again(request, judgement, is_last=tries == RACES)
    if request.agent_id is not None:
        stop_if_crossed(judgement, workspace_id=request.workspace_id, agent_id=request.agent_id, now=now)
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
        facts = with_provenance(index, facts, provenance_of(request))
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


def _judge_again(request: AgentActionRequest, judgement: Judgement, *, is_last: bool) -> Judgement:
    """After someone else took the last of a budget or reached for the same person; `is_last`: both count as full."""
    facts = judgement.facts
    try:
        index = load_index(judgement.decision.policy_version)
        if index is None:
            return broken(facts, connection_id=request.connection_id)
        if is_last:
            return judge_with(index, as_contended(as_full(facts)))
        fresh = with_world(
            msgspec.structs.replace(facts, budgets=(), frequency=None),
            index,
            workspace_id=request.workspace_id,
            agent_id=request.agent_id,
            request_id=request.pk,
            now=facts.now,
        )
        return judge_with(index, fresh)
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
    index = load_index(judgement.decision.policy_version or None)
    holds = holds_of(index, judgement, workspace_id=request.workspace_id, now=now)
    is_ours = advance(
        request_id=request.pk,
        expected=Status.EVALUATING,
        new=judgement.status,
        code=judgement.code,
        now=now,
        event=event,
        holds=dump_holds(holds),
        **columns,
    )
    if is_ours:
        reserve_budgets(holds, workspace_id=request.workspace_id)
        plan = touches_of(index, judgement, request_id=request.pk)
        reserve_touches([plan] if plan is not None else [], workspace_id=request.workspace_id, now=now)
        append_events(dnc_events(request, judgement.facts, point="decision"), now=now)
