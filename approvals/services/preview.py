"""Preview: the decision and the diff of a proposal; commits nothing."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from approvals.domain.proposed import Proposed
from approvals.selectors.intake_context import context_key, get_intake_context
from approvals.services.gathering import gather, judge_gathered, read_switches
from approvals.services.intake_errors import UnknownConnectionError
from approvals.services.judging import NO_POLICY
from governance.domain.action_class import MAKES_RECORD
from governance.domain.blast_radius import Effect
from governance.domain.decision import Decision
from governance.domain.drift import Drift
from governance.domain.facts import RequestFacts
from governance.domain.index import PolicyIndex
from governance.domain.principal import Principal
from governance.selectors.write_paths import list_effects


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`status` is what a submission would have now. `drift` says where `expected` does not hold."""

    status: str
    status_code: str
    decision: Decision
    drift: tuple[Drift, ...]
    is_record_read: bool
    records_touched: int
    fields_touched: int
    effects: tuple[Effect, ...] = ()


def preview_request(
    *,
    principal: Principal,
    proposal: Proposed,
    now: datetime,
    index: PolicyIndex | None = None,
    request_id: UUID | None = None,
) -> Preview:
    """Judge without writing a row, by the policy in force or by `index`. Reads the CRM for remote connectors too.

    `request_id` as in `gather`. Raises IntakeError subclasses.
    """
    context = get_intake_context(principal, key=context_key(proposal), now=now)
    if context is None:
        raise UnknownConnectionError(f"`{proposal.connection}` is no connection of this workspace")
    if index is not None:  # a draft holds no withdrawn grant, and those that wait to be published
        context = msgspec.structs.replace(context, is_grant_withdrawn=False)
    switches = read_switches(workspace_id=principal.workspace_id, agent_id=principal.agent_id)
    gathered = gather(
        principal=principal,
        proposal=proposal,
        context=context,
        switches=switches,
        now=now,
        index=index,
        request_id=request_id,
    )
    judgement = judge_gathered(gathered, is_remote_read=True)
    decision = judgement.decision if judgement else NO_POLICY
    return Preview(
        status=judgement.status if judgement else "denied",
        status_code=judgement.code if judgement else "no_policy",
        decision=decision,
        drift=judgement.drift if judgement else (),
        is_record_read=judgement is not None and judgement.facts.record is not None,
        records_touched=1 if decision.patch else 0,
        fields_touched=len(decision.patch),
        effects=_effects(context.connection_id, gathered.facts.request, decision),
    )


def _effects(connection_id: UUID, request: RequestFacts, decision: Decision) -> tuple[Effect, ...]:
    """What the write would set off in its turn, as far as the inventory knows (REG-10). One query for a patch."""
    if not decision.patch:
        return ()
    places = {f"{request.object}.{change.field}" for change in decision.patch}
    return list_effects(connection_id, places | ({request.object} if request.action in MAKES_RECORD else set()))
