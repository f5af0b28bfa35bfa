"""The second look at a claim: today's switches, people, agent and policy, on the facts that were judged (EXE-01)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

import msgspec
import structlog

from approvals.domain.action_digest import action_digest
from approvals.domain.ask import association_of
from approvals.domain.backoff import BREAKER_PAUSE, SWITCH_PAUSE
from approvals.domain.judgement import POLICY, Judgement, digest_of, judge_outcome
from approvals.domain.patch import read_patch
from approvals.domain.status import Status
from approvals.domain.switches import stopped_by
from approvals.models import AgentActionRequest
from approvals.selectors.quorum import get_quorum
from approvals.services.budget_facts import holds_on
from approvals.services.judging import NO_POLICY, judge_with, with_addresses
from approvals.services.provenance import provenance_of, with_provenance
from approvals.services.today import Today
from approvals.services.world import with_world
from governance.domain.breaker_checks import BREAKER_OPEN
from governance.domain.budget_checks import EXHAUSTED
from governance.domain.budget_counter import Hold, read_holds
from governance.domain.decision import Outcome, Requirement
from governance.domain.facts import AgentFacts, Facts, RecordFacts, SwitchFacts
from governance.domain.frequency_checks import CAPPED
from governance.domain.touch_plan import TouchPlan, plan_touches
from governance.domain.vocabulary import Lifecycle
from governance.models import PolicyVersion
from governance.selectors.switches import is_grant_withdrawn

_LIMITS = {EXHAUSTED, CAPPED, BREAKER_OPEN}

log = structlog.get_logger(__name__)


class Verdict(Enum):
    """What becomes of an approved request at its claim."""

    GO = "go"
    WAIT = "wait"
    CANCEL = "cancel"
    DENY = "deny"
    RETURN = "return"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """`judgement` is the fresh one where policy was asked; `policy_version_id` the version that it was made under.

    `holds` is what it takes from budgets in the windows of this moment, `touches` whom it would touch; `pause` how long
    to wait.
    """

    verdict: Verdict
    code: str = ""
    judgement: Judgement | None = None
    policy_version_id: UUID | None = None
    holds: tuple[Hold, ...] = ()
    touches: TouchPlan | None = None
    pause: timedelta = SWITCH_PAUSE


def recheck_request(
    request: AgentActionRequest, *, addressee: RecordFacts | None, today: Today, now: datetime
) -> Recheck:
    """Look again, inside the claim's transaction; the claim reads the switches once more under the kill lock.

    `addressee` is what `read_addressee` said, `today` what holds for it and for others; `request` has workspace,
    connection, agent and credential joined. Never raises for what it finds; an error while looking lets the transaction
    roll back, and the request stays approved.
    """
    switches = today.stops(request)
    if code := stopped_by(switches, request.actor_type, request.action):
        return Recheck(verdict=Verdict.WAIT, code=code)
    if code := _revoked(request):
        return Recheck(verdict=Verdict.CANCEL, code=code)
    if not _is_digest_intact(request):
        return Recheck(verdict=Verdict.DENY, code="digest_mismatch")
    index = today.index(request)
    facts = refresh_facts(request, switches, today=today, now=now)
    if index is None:
        return _weigh(request, judge_outcome(NO_POLICY, facts))
    facts = with_provenance(index, facts, provenance_of(request))
    complete = with_world(
        with_addresses(index, facts, addressee),
        index,
        workspace_id=request.workspace_id,
        agent_id=request.agent_id,
        request_id=request.pk,
        now=now,
        held=read_holds(request.holds),
    )
    recheck = _weigh(request, judge_with(index, complete))
    if recheck.verdict is not Verdict.GO:
        return _waiting(recheck)
    holds = holds_on(index, complete, workspace_id=request.workspace_id, now=now)
    return replace(recheck, holds=holds, touches=plan_touches(index.frequency, complete, request_id=request.pk))


def refresh_facts(request: AgentActionRequest, switches: SwitchFacts, *, today: Today, now: datetime) -> Facts:
    """The facts that were judged, with what may have changed since and lies in our own tables; the world is not asked
    again yet. `request` has workspace, connection, agent and credential joined."""
    stored = msgspec.convert(request.facts, Facts)
    return msgspec.structs.replace(
        stored,
        now=now,
        budgets=(),
        frequency=None,
        is_second_look=True,
        switches=switches,
        agent=_fresh_agent(request, stored.agent),
        human_roles=today.roles(request),
        connection=msgspec.structs.replace(stored.connection, is_active=request.connection.is_active),
        is_grant_withdrawn=_is_withdrawn(request),
        closed_fields=today.closed_fields(request),
    )


def _waiting(recheck: Recheck) -> Recheck:
    """What only a limit or a breaker keeps back, and only for a while, waits for it: it was allowed once."""
    decision = recheck.judgement.decision if recheck.judgement is not None else None
    if recheck.verdict is not Verdict.DENY or decision is None or decision.retry_after_seconds is None:
        return recheck
    denials = {check.code for check in decision.checks if check.outcome == Outcome.DENY}
    if not denials <= _LIMITS:
        return recheck
    pause = timedelta(seconds=decision.retry_after_seconds)
    if BREAKER_OPEN in denials:
        pause = min(pause, BREAKER_PAUSE)  # a person may close it at any moment
    return Recheck(verdict=Verdict.WAIT, code=recheck.code, pause=pause)


def _weigh(request: AgentActionRequest, judgement: Judgement) -> Recheck:
    policy_version_id = _policy_version_id(request, judgement)
    if judgement.status in (Status.DENIED, Status.CONFLICT):
        return Recheck(
            verdict=Verdict.DENY, code=judgement.code, judgement=judgement, policy_version_id=policy_version_id
        )
    digest = digest_of(judgement, request_id=request.pk, association=request_association(request))
    if judgement.status is Status.PENDING:
        requirement = judgement.decision.requirement or Requirement()
        if not get_quorum(request, requirement, digest=digest).is_met:
            code = "patch_changed" if digest != request.digest else "approval_void"
            return Recheck(verdict=Verdict.RETURN, code=code, judgement=judgement, policy_version_id=policy_version_id)
    elif digest != request.digest and request.decided_by != POLICY:
        # Someone approved another patch, and today's policy asks nobody: what was seen is not what would be done.
        return Recheck(
            verdict=Verdict.DENY, code="patch_changed", judgement=judgement, policy_version_id=policy_version_id
        )
    return Recheck(verdict=Verdict.GO, judgement=judgement, policy_version_id=policy_version_id)


def request_association(request: AgentActionRequest) -> tuple[str, str] | None:
    return association_of(request.action, request.target_object, request.target_id)


def _revoked(request: AgentActionRequest) -> str:
    """Why the agent may no longer act at all, empty when it may."""
    if request.agent is not None and request.agent.lifecycle != Lifecycle.ACTIVE:
        return "agent_inactive"
    if request.agent is not None and request.agent.is_drill:
        return "drill_only"
    if request.credential is not None and request.credential.revoked_at is not None:
        return "credential_revoked"
    if request.person is not None and not request.person.is_active:
        return "person_inactive"
    return ""


def _is_digest_intact(request: AgentActionRequest) -> bool:
    """Digest seen = digest judged = digest executed: the row still hashes to what was voted on."""
    return request.digest == action_digest(
        request_id=request.pk,
        connection=request.connection.name,
        action=request.action,
        object_type=request.object_type,
        record_id=request.record_id,
        patch=read_patch(request.patch),
        record_version=request.record_version,
        association=request_association(request),
    )


def _fresh_agent(request: AgentActionRequest, stored: AgentFacts | None) -> AgentFacts | None:
    if request.agent is None or stored is None:
        return stored
    return msgspec.structs.replace(
        stored,
        lifecycle=request.agent.lifecycle,
        autonomy_level=request.agent.autonomy_level,
        is_credential_active=request.credential is None or request.credential.revoked_at is None,
    )


def _is_withdrawn(request: AgentActionRequest) -> bool:
    if request.agent_id is None:
        return False
    return is_grant_withdrawn(
        agent_id=request.agent_id,
        connection_id=request.connection_id,
        object_type=request.object_type,
        action=request.action,
    )


def _policy_version_id(request: AgentActionRequest, judgement: Judgement) -> UUID | None:
    digest = judgement.decision.policy_version
    if digest == request.decision.get("policy_version"):
        return request.policy_version_id
    rows = PolicyVersion.objects.filter(workspace_id=request.workspace_id, digest=digest)
    return rows.order_by("-number").values_list("id", flat=True).first()
