"""From a decision to a request's status and columns: pure, one place for intake, worker, claim and revert."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from approvals.domain.action_digest import action_digest
from approvals.domain.patch import dump_patch
from approvals.domain.status import Status
from governance.domain.budget_counter import Hold
from governance.domain.check_result import failed
from governance.domain.decision import Decision, Outcome
from governance.domain.drift import Drift, find_drift
from governance.domain.facts import Facts

POLICY = "policy"


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """One decision and where it puts the request. `drift` says where the proposal's `expected` does not hold; `holds`
    is what a request that goes on takes from budgets, None where it has still to be worked out of the facts.
    """

    decision: Decision
    facts: Facts
    status: Status
    code: str
    drift: tuple[Drift, ...] = ()
    holds: tuple[Hold, ...] | None = None


def judge_outcome(decision: Decision, facts: Facts) -> Judgement:
    """The status that follows: deny → denied, drift → conflict, approval → pending, allow → approved."""
    if decision.outcome == Outcome.DENY:
        return Judgement(decision=decision, facts=facts, status=Status.DENIED, code=denial_code(decision))
    drift = find_drift(facts.request.expected, facts.record) if facts.record is not None else ()
    if drift:
        return Judgement(decision=decision, facts=facts, status=Status.CONFLICT, code="stale_expectation", drift=drift)
    if decision.outcome == Outcome.ALLOW:
        return Judgement(decision=decision, facts=facts, status=Status.APPROVED, code="")
    return Judgement(decision=decision, facts=facts, status=Status.PENDING, code="")


def denial_code(decision: Decision) -> str:
    """The code of the first check that denied."""
    return next((check.code for check in decision.checks if check.outcome == Outcome.DENY), "denied")


def broken_decision(*, code: str = "check_failed", message: str = "") -> Decision:
    """A denial made without the engine, because what it needs could not be had (fail closed)."""
    check = failed("facts")
    if code != "check_failed":
        check = msgspec.structs.replace(check, code=code, message=message)
    return Decision(outcome=Outcome.DENY.value, policy_version="", risk_tier="blocked", checks=(check,))


def digest_of(judgement: Judgement, *, request_id: UUID, association: tuple[str, str] | None) -> str:
    """The action digest of what was judged."""
    facts = judgement.facts
    return action_digest(
        request_id=request_id,
        connection=facts.connection.name,
        action=facts.request.action,
        object_type=facts.request.object,
        record_id=facts.request.record_id or "",
        patch=judgement.decision.patch,
        record_version=record_version(facts),
        association=association,
    )


def record_version(facts: Facts) -> str:
    return facts.record.version if facts.record is not None else ""


def decision_columns(
    judgement: Judgement,
    *,
    request_id: UUID,
    association: tuple[str, str] | None,
    policy_version_id: UUID | None,
    now: datetime,
) -> dict[str, Any]:
    """The request's columns that a decision sets, status and its code apart; facts and decision as a stored row has
    them."""
    columns = first_columns(
        judgement, request_id=request_id, association=association, policy_version_id=policy_version_id, now=now
    )
    return columns | {name: msgspec.to_builtins(columns[name]) for name in ("facts", "decision")}


def first_columns(
    judgement: Judgement,
    *,
    request_id: UUID,
    association: tuple[str, str] | None,
    policy_version_id: UUID | None,
    now: datetime,
) -> dict[str, Any]:
    """The same for a row that is only written: facts and decision stay values, which are encoded to the same bytes
    without being laid out as dictionaries first (a fifteenth of a proposal's work)."""
    decision, facts = judgement.decision, judgement.facts
    is_settled = judgement.status in (Status.DENIED, Status.CONFLICT)
    return {
        "policy_version_id": policy_version_id,
        "outcome": decision.outcome,
        "risk_tier": decision.risk_tier,
        "facts": facts,
        "decision": decision,
        "patch": dump_patch(decision.patch),
        "digest": digest_of(judgement, request_id=request_id, association=association),
        "record_version": record_version(facts),
        "decided_by": "" if judgement.status is Status.PENDING else POLICY,
        "expires_at": None if is_settled else now + timedelta(seconds=decision.expires_after_seconds),
        "not_before": None,
        "decided_at": now,
        "finished_at": now if is_settled else None,
    }


def decision_event_data(judgement: Judgement, *, digest: str) -> dict[str, Any]:
    """What the ledger keeps of a decision for ever: codes, names of fields, digests."""
    decision = judgement.decision
    return {
        "outcome": decision.outcome,
        "status": judgement.status.value,
        "code": judgement.code,
        "policy_version": decision.policy_version,
        "risk_tier": decision.risk_tier,
        "reasons": [
            {"check": c.check, "code": c.code, "field": c.field, "outcome": c.outcome} for c in decision.reasons
        ],
        "fields": [change.field for change in decision.patch],
        "redirects": [{"field": r.field, "to": r.suggestion_field, "code": r.code} for r in decision.redirects],
        "digest": digest,
        "drift": [drift.field for drift in judgement.drift],
    } | _dnc_data(judgement.facts)


def _dnc_data(facts: Facts) -> dict[str, Any]:
    """DNC-05: the do-not-contact entries that were found, by id and kind; never an address."""
    if facts.dnc is None or not facts.dnc.hits:
        return {}
    kinds = {hit.entry: hit.kind for hit in facts.dnc.hits}
    return {"dnc": [{"entry": entry, "kind": kind} for entry, kind in kinds.items()]}
