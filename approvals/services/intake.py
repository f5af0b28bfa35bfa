"""Intake: a proposal becomes a request with its decision, in one transaction.

Second of the six files that tell one request's way (docs/architecture.md). `gather` makes the facts; `judge_gathered`
asks the next file, `governance.domain.engine`, both times under the policy last released for the connection's
environment: `decide_without_record` first, so that nothing more is looked up for what is denied anyway, then `decide`.
What comes out is `approved` (a worker executes it), `pending` (people vote, `approvals.services.review`), `denied`,
`conflict` (the agent believed what the record does not hold), or `evaluating` (a worker reads a remote CRM and asks the
same engine, `approvals.services.decision`).

Two hashes are told apart. The fingerprint is of the whole body: the same idempotency key must come with the same one.
The action digest (`approvals.domain.action_digest`) is of the exact effect: request, connection, action, record with
its version, and patch. It is what people vote on and what is executed.
"""

import itertools
from datetime import datetime
from uuid import UUID

import msgspec
import structlog
from django.db import IntegrityError

from approvals.dispatch import nudge
from approvals.domain.judgement import Judgement
from approvals.domain.proposed import Proposed
from approvals.domain.status import Status
from approvals.models import AgentActionRequest
from approvals.selectors.intake_context import IntakeContext, context_key, get_intake_context
from approvals.selectors.requests import load_decision
from approvals.services.anomaly_stop import stop_if_crossed
from approvals.services.budget_facts import RACES, holds_of
from approvals.services.frequency import touches_of
from approvals.services.gathering import Gathered, gather, judge_again, judge_gathered
from approvals.services.intake_errors import (
    IdempotencyKeyReusedError,
    IntakeError,
    PendingLimitError,
    RequestInFlightError,
    UnknownConnectionError,
    UnknownPropertyError,
)
from approvals.services.new_request import make_request, new_request_events, note_version
from approvals.services.standing import apply_standing_approval
from audit.domain.canonical import digest
from audit.services.append import append_with
from audit.services.rows import GuardFailedError, flush_commits, row_of
from governance.domain.budget_counter import dump_holds
from governance.domain.decision import Decision
from governance.domain.principal import Principal
from governance.services.budgets import BudgetLostError, reservation
from governance.services.touches import TouchLostError, touch_guards, touch_rows

log = structlog.get_logger(__name__)

__all__ = [
    "IdempotencyKeyReusedError",
    "IntakeError",
    "PendingLimitError",
    "RequestInFlightError",
    "Submission",
    "UnknownConnectionError",
    "UnknownPropertyError",
    "submit_request",
]


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a proposal. `decision` is None while `status` is `evaluating` (the API answers 202); `digest` is
    the action digest, empty until then."""

    request_id: UUID
    status: str
    status_code: str
    is_replay: bool
    decision: Decision | None
    digest: str
    expires_at: datetime | None


def submit_request(
    *,
    principal: Principal,
    proposal: Proposed,
    idempotency_key: str,
    now: datetime,
    context: IntakeContext | None = None,
) -> Submission:
    """Accept one proposal of an agent; the same key and body again find the same request (APR-02).

    `context` is what the caller has just read with the principal. The CRM is read, if at all, before the transaction
    that commits the request, its decision, and the events `request.received` and, once judged, `request.decided`.
    Raises IntakeError subclasses; then no request was committed. Raises `audit.services.append.LedgerUnavailableError`;
    the same key tells whether one was, as after any lost answer.
    """
    fingerprint = digest(proposal.body)
    context = context or get_intake_context(
        principal, key=context_key(proposal, idempotency_key=idempotency_key), now=now
    )
    if context is None:
        raise UnknownConnectionError(f"`{proposal.connection}` is no connection of this workspace")
    if context.earlier_id is not None:
        return _replay(principal.agent_id, idempotency_key, fingerprint)
    if context.is_at_limit:
        raise PendingLimitError("too many requests of this agent wait for a decision; settle or cancel some first")
    gathered = gather(principal=principal, proposal=proposal, context=context, switches=context.switches, now=now)
    try:
        request, judgement = _accept(gathered, judge_gathered(gathered), idempotency_key, fingerprint)
    except IntegrityError:
        return _replay(principal.agent_id, idempotency_key, fingerprint)
    try:
        _follow_up(request, judgement, now)
    except Exception:  # the request is committed, and its caller must hear so
        log.exception("what an accepted request sets off was lost", request_id=str(request.pk))
    return _answer(request, judgement.decision if judgement else None, is_replay=False)


def _follow_up(request: AgentActionRequest, judgement: Judgement | None, now: datetime) -> None:
    """What a committed request sets off, each in a transaction of its own. All of it may be lost: the sweep finds what
    is due, people decide what a standing approval did not, the next request over the line stops the agent."""
    if judgement is not None and request.agent_id is not None:
        stop_if_crossed(judgement, workspace_id=request.workspace_id, agent_id=request.agent_id, now=now)
    if request.status in (Status.EVALUATING, Status.APPROVED):
        nudge("decide" if judgement is None else "execute", request.pk)
    elif request.status == Status.PENDING and apply_standing_approval(request_id=request.pk, now=now):
        request.refresh_from_db(fields=["status", "status_code"])


def _accept(
    gathered: Gathered, judgement: Judgement | None, idempotency_key: str, fingerprint: str
) -> tuple[AgentActionRequest, Judgement | None]:
    """Commit; where someone else took the last of a budget, or reached for the same person, since they were looked at,
    judge again with what is left."""
    for tries in itertools.count(1):
        try:
            return _commit(gathered, judgement, idempotency_key, fingerprint), judgement
        except (BudgetLostError, TouchLostError, GuardFailedError):
            if judgement is None or tries > RACES:
                raise
            judgement = judge_again(gathered, judgement, is_last=tries == RACES)
    raise AssertionError


def _commit(
    gathered: Gathered, judgement: Judgement | None, idempotency_key: str, fingerprint: str
) -> AgentActionRequest:
    """INVARIANT: request, decision, events and what is taken from budgets and of people are written together, or
    nothing is: by one statement on PostgreSQL, in one transaction on SQLite (`audit.services.rows.insert_together`).
    Whoever draws on the same budgets need not wait for the disk, the caller's answer does.
    Only a version of the agent that was never seen before is committed ahead, by itself."""
    workspace_id = gathered.principal.workspace_id
    holds = holds_of(gathered.index, judgement, workspace_id=workspace_id, now=gathered.now)
    guards = [reservation(holds, workspace_id=workspace_id)] if holds else []
    request = make_request(gathered, judgement, idempotency_key=idempotency_key, fingerprint=fingerprint)
    request.holds = dump_holds(holds)
    request.agent_version_id = note_version(gathered)
    rows = [row_of(request)]
    plan = touches_of(gathered.index, judgement, request_id=request.pk)
    if plan is not None:
        guards += touch_guards([plan], workspace_id=workspace_id, now=gathered.now)
        rows.append(touch_rows([plan], now=gathered.now))
    events = new_request_events(gathered, judgement, request)
    append_with(rows, events, now=gathered.now, guards=guards, frees_early=True)
    return request


def _replay(agent_id: UUID, idempotency_key: str, fingerprint: str) -> Submission:
    """The row of the earlier answer, which the door tells once more (`approvals.api.submission`)."""
    flush_commits()  # its own thread may still wait for the disk
    request = AgentActionRequest.objects.filter(agent_id=agent_id, idempotency_key=idempotency_key).first()
    if request is None:
        raise RequestInFlightError("a request with this idempotency key is being accepted; try again")
    if request.fingerprint != fingerprint:
        raise IdempotencyKeyReusedError("this idempotency key belongs to a request with another body")
    return _answer(request, load_decision(request), is_replay=True)


def _answer(request: AgentActionRequest, decision: Decision | None, *, is_replay: bool) -> Submission:
    return Submission(
        request_id=request.pk,
        status=request.status,
        status_code=request.status_code,
        is_replay=is_replay,
        decision=decision,
        digest=request.digest,
        expires_at=request.expires_at,
    )
