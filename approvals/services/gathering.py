"""Gathering: an agent's proposal with every fact that is at hand without the CRM, and its judgement."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import structlog

from approvals.domain.ask import association_of, find_unknown, make_agent_facts, make_request_facts, written_object
from approvals.domain.asked import Asked
from approvals.domain.judgement import Judgement
from approvals.domain.proposed import Proposed
from approvals.selectors.intake_context import IntakeContext
from approvals.services.budget_facts import GOES_ON, as_full, ask_budgets
from approvals.services.frequency import ask_frequency, needs_frequency
from approvals.services.intake_errors import UnknownPropertyError
from approvals.services.judging import (
    broken,
    judge_at_hand,
    judge_with,
    known_fields,
    load_index,
    needs_crm,
    read_crm,
    with_addresses,
)
from approvals.services.provenance import with_provenance
from approvals.services.world import with_worlds
from audit.domain.identifier import new_id
from crm_connectors.services.connectors import get_connector
from governance.domain.budget_state import KnownCounters
from governance.domain.facts import AgentFacts, ConnectionFacts, Facts, ProvenanceFacts, SwitchFacts
from governance.domain.fingerprint import version_fingerprint
from governance.domain.index import PolicyIndex
from governance.domain.principal import Principal
from governance.domain.record_id import one_record_id
from governance.domain.touch_plan import as_contended
from governance.selectors.switches import get_switch_facts

log = structlog.get_logger(__name__)

_ALL_STOPPED = SwitchFacts(
    is_all_stopped=True,
    is_agent_stopped=True,
    is_write_back_off=True,
    is_send_off=True,
    is_enroll_off=True,
    is_read_only=True,
    breakers=None,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """`facts` lack the record, the recipients and the world. `index` is None when no policy could be had: then all is
    denied. `request_id` is the id that the request will have.
    """

    request_id: UUID
    principal: Principal
    proposal: Proposed
    context: IntakeContext
    facts: Facts
    index: PolicyIndex | None
    association: tuple[str, str] | None
    now: datetime


def gather(
    *,
    principal: Principal,
    proposal: Proposed,
    context: IntakeContext,
    switches: SwitchFacts,
    now: datetime,
    index: PolicyIndex | None = None,
    request_id: UUID | None = None,
) -> Gathered:
    """Everything but the record, for the policy in force or for `index`. No query once the policy is cached.

    INVARIANT: whatever way the agent names a record, from here on it has its one id. `request_id` where a proposal is
    asked twice: what would be written names the request. Raises UnknownPropertyError.
    """
    request_id = request_id or new_id()
    target_id = proposal.target_id and one_record_id(context.connection_kind, proposal.target_id)
    if target_id != proposal.target_id:
        proposal = msgspec.structs.replace(proposal, target_id=target_id)
    if index is None:
        index = load_index(context.policy_digest)
    facts = _make_facts(principal, proposal, context, switches, now)
    if index is not None:
        _require_known(index, proposal)
        signature = ProvenanceFacts(at=now, request=str(request_id), reason=proposal.justification)
        facts = with_provenance(index, facts, signature)
    return Gathered(
        request_id=request_id,
        principal=principal,
        proposal=proposal,
        context=context,
        facts=facts,
        index=index,
        association=association_of(proposal.action, proposal.target_object, proposal.target_id or ""),
        now=now,
    )


def judge_gathered(gathered: Gathered, *, is_remote_read: bool = False) -> Judgement | None:
    """The judgement, None when something lies at a remote CRM and a worker shall read it. Never raises.

    With `is_remote_read` a remote CRM is read here and now (preview).
    """
    try:
        at_hand = judge_at_hand(gathered.index, gathered.facts)
        if at_hand is not None or gathered.index is None:
            return at_hand
        facts = with_addresses(gathered.index, gathered.facts, None)
        if needs_crm(gathered.index, facts):
            context = gathered.context
            connector = get_connector(context.connection_id, kind=context.connection_kind, at_hand=context.record)
            if not connector.is_local and not is_remote_read:
                return None
            facts = read_crm(connector, gathered.index, gathered.facts)
        asked = asked_by(gathered, gathered.index, facts, counters=gathered.context.counters)
        judgement = judge_with(gathered.index, with_worlds([asked], now=gathered.now)[0])
        return msgspec.structs.replace(judgement, holds=asked.holds) if judgement.status in GOES_ON else judgement
    except Exception:  # noqa: BLE001 - an error while judging denies
        return broken(gathered.facts, connection_id=gathered.context.connection_id)


def judge_again(gathered: Gathered, judgement: Judgement, *, is_last: bool) -> Judgement:
    """The judgement after someone else took the last of a budget, or reached for the same person; with `is_last` its
    budgets count as full."""
    try:
        if gathered.index is None:
            return judgement
        if is_last:
            return judge_with(gathered.index, as_contended(as_full(judgement.facts)))
        question = asked_by(gathered, gathered.index, judgement.facts)
        fresh: dict[str, Any] = {"budgets": ask_budgets([question], gathered.now)[0]}
        if needs_frequency(question):
            fresh["frequency"] = ask_frequency([question], gathered.now)[0]
        return judge_with(gathered.index, msgspec.structs.replace(judgement.facts, **fresh))
    except Exception:  # noqa: BLE001 - an error while judging denies
        return broken(gathered.facts, connection_id=gathered.context.connection_id)


def asked_by(gathered: Gathered, index: PolicyIndex, facts: Facts, *, counters: KnownCounters | None = None) -> Asked:
    """What the sources of facts are asked for this proposal. `counters` are told only where they are still fresh."""
    return Asked(
        facts=facts,
        index=index,
        workspace_id=gathered.principal.workspace_id,
        agent_id=gathered.principal.agent_id,
        request_id=gathered.request_id,
        counters=counters,
    )


def _require_known(index: PolicyIndex, proposal: Proposed) -> None:
    objects = (proposal.target_object, written_object(proposal))
    unknown = find_unknown(known_fields(index, proposal.connection, objects), proposal)
    if unknown:
        named = ", ".join(f"`{name}`" for name in unknown)
        raise UnknownPropertyError(f"the registry of `{proposal.connection}` does not know {named}", names=unknown)


def _make_facts(
    principal: Principal, proposal: Proposed, context: IntakeContext, switches: SwitchFacts, now: datetime
) -> Facts:
    return make_agent_facts(
        now=now,
        workspace=principal.workspace_slug,
        agent=AgentFacts(
            name=principal.agent_name,
            lifecycle=principal.lifecycle,
            autonomy_level=principal.autonomy_level,
            is_credential_active=principal.is_credential_active,
            version=fingerprint_of(proposal),
        ),
        connection=ConnectionFacts(
            name=proposal.connection, environment=context.environment, is_active=context.is_connection_active
        ),
        switches=switches,
        request=make_request_facts(proposal),
        is_grant_withdrawn=context.is_grant_withdrawn,
        closed_fields=context.closed_fields,
    )


def fingerprint_of(proposal: Proposed) -> str:
    """The agent version's fingerprint (IDN-03)."""
    claim = proposal.agent_version
    return version_fingerprint(
        model=claim.model,
        prompt_template=claim.prompt_template,
        prompt_hash=claim.prompt_hash,
        tools_hash=claim.tools_hash,
    )


def read_switches(*, workspace_id: UUID, agent_id: UUID | None) -> SwitchFacts:
    """The switches in force; if they cannot be read, all count as engaged."""
    try:
        return get_switch_facts(workspace_id=workspace_id, agent_id=agent_id)
    except Exception:
        log.exception("switches could not be read")
        return _ALL_STOPPED
