"""The hard stop: an agent that does what it never did is stopped until two people let it go on (LIM-05)."""

from datetime import datetime
from uuid import UUID

import structlog
from django.db.models import Q

from approvals.domain.judgement import Judgement
from approvals.domain.status import Status
from approvals.services.judging import load_index
from approvals.services.stop import stop
from audit.domain.event import Actor
from governance.domain.anomaly import Finding, anomaly_words
from governance.domain.anomaly_checks import ANOMALY, find_crossed
from governance.domain.budget_claims import volume_claims
from governance.domain.vocabulary import SwitchKind
from governance.models import Agent, KillSwitch

log = structlog.get_logger(__name__)
WATCH = Actor("system", "anomaly")


def stop_if_crossed(judgement: Judgement | None, *, workspace_id: UUID, agent_id: UUID, now: datetime) -> bool:
    """Stop the agent whose request was denied because it crossed its line; whether it did.

    Called after the denial is committed: were it lost, the counter stays full, and the next request stops the agent.
    """
    if judgement is None or judgement.status is not Status.DENIED:
        return False
    if not any(check.code == ANOMALY for check in judgement.decision.checks):
        return False
    index = load_index(judgement.decision.policy_version or None)
    if index is None:
        return False
    claims = volume_claims(index, judgement.facts)
    finding = find_crossed(claims, judgement.facts)
    return finding is not None and stop_agent(workspace_id=workspace_id, agent_id=agent_id, finding=finding, now=now)


def stop_agent(*, workspace_id: UUID, agent_id: UUID, finding: Finding, now: datetime) -> bool:
    """Engage the agent's kill switch with the figures as its reason; whether it did.

    Not where it is stopped already, nor where it only sends drills, of which nothing is executed, nor where a stop was
    lifted at `now` or later: people let it go on after what was found here.
    The ledger has it as `switch.engaged` by the system. Lifting it takes two people, as any stop does.
    """
    known = KillSwitch.objects.filter(agent_id=agent_id)
    if known.filter(Q(lifted_at__isnull=True) | Q(lifted_at__gte=now)).exists():
        return False
    if Agent.objects.filter(pk=agent_id, is_drill=True).exists():
        return False
    reason = f"Unlike itself: {anomaly_words(finding)}."
    log.warning("agent stopped", agent_id=str(agent_id), signal=finding.signal, count=finding.count)
    stop(workspace_id=workspace_id, kind=SwitchKind.AGENT, agent_id=agent_id, reason=reason, actor=WATCH, now=now)
    return True
