"""Batch: up to 500 proposals under one manifest, each a request of its own (APR-06, EXE-04)."""

import itertools
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from approvals.dispatch import nudge
from approvals.domain.ask import written_id, written_object
from approvals.domain.limits import MAX_BATCH_ITEMS
from approvals.domain.proposed import Proposed, VersionClaim
from approvals.domain.status import Status
from approvals.models import AgentActionRequest, RequestBatch
from approvals.selectors.batches import list_batch_items
from approvals.services.anomaly_stop import stop_if_crossed
from approvals.services.batch_gathering import BatchDraft, gather_batch
from approvals.services.budget_facts import holds_of
from approvals.services.frequency import touches_of
from approvals.services.intake_errors import IdempotencyKeyReusedError, IntakeError, RequestInFlightError
from approvals.services.new_request import make_request, new_request_events, note_version
from approvals.services.standing import apply_standing_approval
from audit.domain.canonical import digest
from audit.domain.event import Actor, NewEvent, Subject
from audit.domain.identifier import new_id
from audit.services.append import append_events
from governance.domain.budget_counter import Hold, add_up, dump_holds
from governance.domain.principal import Principal
from governance.domain.touch_plan import TouchPlan
from governance.services.budgets import BudgetLostError, reserve_budgets
from governance.services.touches import TouchLostError, reserve_touches

_RACES = 5  # lost reservations after which a batch is sent back


class BatchTooLargeError(IntakeError):
    """More items than one manifest takes, or none."""

    code = "batch_too_large"


class DuplicateTargetError(IntakeError):
    """Two items write the same record: their order would decide what it holds."""

    code = "duplicate_target"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchItem:
    """One item's answer: a request with its status, or the `error_code` and message why it could not be accepted."""

    position: int
    request_id: UUID | None
    status: str
    status_code: str
    error_code: str = ""
    error_message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSubmission:
    """`manifest_digest` is the sha256 over the ordered fingerprints of all items, refused ones included."""

    batch_id: UUID
    manifest_digest: str
    is_replay: bool
    items: tuple[BatchItem, ...]


def submit_batch(
    *, principal: Principal, proposals: tuple[Proposed, ...], idempotency_key: str, now: datetime
) -> BatchSubmission:
    """Accept up to 500 proposals; each is judged on its own, and what cannot be accepted is told per item.

    Commits the batch, its requests and all their events in one transaction, by a number of statements that hardly grows
    with the items. Raises BatchTooLargeError, DuplicateTargetError, IdempotencyKeyReusedError, PendingLimitError and
    LedgerUnavailableError.
    """
    _require_sound(proposals)
    fingerprints = [digest(proposal.body) for proposal in proposals]
    manifest = digest(fingerprints)
    earlier = _find_earlier(principal.agent_id, idempotency_key, manifest)
    if earlier is not None:
        return earlier
    for tries in itertools.count(1):
        try:
            return _accept(principal, proposals, fingerprints, idempotency_key, now)
        except (BudgetLostError, TouchLostError):
            if tries == _RACES:
                words = "others draw on the same budgets, or reach for the same people, at this moment; try again"
                raise RequestInFlightError(words) from None
    raise AssertionError


def follow_batch(batch: RequestBatch) -> BatchSubmission:
    """The batch as it stands now, item by item. One query."""
    return _answer(batch, list(list_batch_items(batch)), is_replay=True)


def _accept(
    principal: Principal,
    proposals: tuple[Proposed, ...],
    fingerprints: list[str],
    idempotency_key: str,
    now: datetime,
) -> BatchSubmission:
    """Gather, judge and commit. Raises BudgetLostError when someone else took the last of a budget meanwhile."""
    manifest = digest(fingerprints)
    draft = gather_batch(principal=principal, proposals=proposals, now=now)
    batch = RequestBatch(
        id=new_id(),
        workspace_id=principal.workspace_id,
        agent_id=principal.agent_id,
        idempotency_key=idempotency_key,
        fingerprint=manifest,
        manifest_digest=manifest,
        items_count=len(proposals),
        refusals=[[position, error.code, str(error)] for position, error in sorted(draft.refused.items())],
        created_at=now,
    )
    requests = _make_requests(draft, batch, fingerprints)
    try:
        _commit(principal, batch, draft, requests, now)
    except IntegrityError:
        raced = _find_earlier(principal.agent_id, idempotency_key, manifest)
        if raced is None:
            raise RequestInFlightError("a batch with this idempotency key is being accepted; try again") from None
        return raced
    for judgement in draft.judgements.values():
        if stop_if_crossed(judgement, workspace_id=principal.workspace_id, agent_id=principal.agent_id, now=now):
            break
    for request in requests.values():
        _nudge(request, now)
    return _answer(batch, list(requests.values()), is_replay=False)


def _require_sound(proposals: tuple[Proposed, ...]) -> None:
    if not 1 <= len(proposals) <= MAX_BATCH_ITEMS:
        raise BatchTooLargeError(f"a batch holds 1 to {MAX_BATCH_ITEMS} items")
    seen: set[tuple[str, str, str]] = set()
    for position, proposal in enumerate(proposals):
        target = (proposal.connection, written_object(proposal), written_id(proposal))
        if target[2] and target in seen:
            raise DuplicateTargetError(f"item {position} writes a record that an earlier item writes")
        seen.add(target)


def _make_requests(draft: BatchDraft, batch: RequestBatch, fingerprints: list[str]) -> dict[int, AgentActionRequest]:
    return {
        position: make_request(
            gathered,
            draft.judgements[position],
            idempotency_key=f"batch:{batch.pk}:{position}",
            fingerprint=fingerprints[position],
            batch=batch,
        )
        for position, gathered in draft.gathered.items()
    }


def _commit(
    principal: Principal, batch: RequestBatch, draft: BatchDraft, requests: dict[int, AgentActionRequest], now: datetime
) -> None:
    with transaction.atomic():
        batch.save(force_insert=True)
        versions: dict[VersionClaim, UUID] = {}
        for position, request in requests.items():
            gathered = draft.gathered[position]
            claim = gathered.proposal.agent_version
            request.agent_version_id = versions.get(claim) or versions.setdefault(claim, note_version(gathered))
        holds: list[Hold] = []
        for position, request in requests.items():
            own = holds_of(
                draft.gathered[position].index, draft.judgements[position], workspace_id=principal.workspace_id, now=now
            )
            request.holds = dump_holds(own)
            holds += own
        AgentActionRequest.objects.bulk_create(requests.values(), batch_size=100)
        events = [_manifest_event(principal, batch, requests)]
        for position, request in requests.items():
            events += new_request_events(draft.gathered[position], draft.judgements[position], request)
        append_events(events, now=now)
        reserve_budgets(add_up(holds), workspace_id=principal.workspace_id)
        reserve_touches(_touches(draft, requests), workspace_id=principal.workspace_id, now=now)


def _touches(draft: BatchDraft, requests: dict[int, AgentActionRequest]) -> list[TouchPlan]:
    """What the items reserve in the touch ledger, in their order."""
    found = (
        touches_of(draft.gathered[position].index, draft.judgements[position], request_id=request.pk)
        for position, request in requests.items()
    )
    return [plan for plan in found if plan is not None]


def _manifest_event(principal: Principal, batch: RequestBatch, requests: dict[int, AgentActionRequest]) -> NewEvent:
    return NewEvent(
        type="batch.received",
        workspace=principal.workspace_slug,
        actor=Actor("agent", principal.agent_name),
        subject=Subject("batch", str(batch.pk)),
        correlation_id=str(batch.pk),
        data={
            "manifest": batch.manifest_digest,
            "items": batch.items_count,
            "requests": [str(request.pk) for request in requests.values()],
            "refused": [[position, code] for position, code, _ in batch.refusals],
        },
    )


def _find_earlier(agent_id: UUID, idempotency_key: str, fingerprint: str) -> BatchSubmission | None:
    batch = RequestBatch.objects.filter(agent_id=agent_id, idempotency_key=idempotency_key).first()
    if batch is None:
        return None
    if batch.fingerprint != fingerprint:
        raise IdempotencyKeyReusedError("this idempotency key belongs to a batch with another body")
    return _answer(batch, list(AgentActionRequest.objects.filter(batch=batch)), is_replay=True)


def _answer(batch: RequestBatch, requests: list[AgentActionRequest], *, is_replay: bool) -> BatchSubmission:
    items = [
        BatchItem(
            position=int(request.idempotency_key.rpartition(":")[2]),
            request_id=request.pk,
            status=request.status,
            status_code=request.status_code,
        )
        for request in requests
    ]
    items += [
        BatchItem(position=position, request_id=None, status="", status_code="", error_code=code, error_message=message)
        for position, code, message in batch.refusals
    ]
    return BatchSubmission(
        batch_id=batch.pk,
        manifest_digest=batch.manifest_digest,
        is_replay=is_replay,
        items=tuple(sorted(items, key=lambda item: item.position)),
    )


def _nudge(request: AgentActionRequest, now: datetime) -> None:
    if request.status == Status.EVALUATING:
        nudge("decide", request.pk)
    elif request.status == Status.APPROVED:
        nudge("execute", request.pk)
    elif request.status == Status.PENDING and apply_standing_approval(request_id=request.pk, now=now):
        request.refresh_from_db(fields=["status", "status_code"])
