"""Execution of several people's requests in the steps of one: the same recovery points, gates and settlements, a few
requests a transaction, and one foreign call for as many as the CRM takes in one (EXE-02, RVT-02). Where it takes one
write a call, and what is no plain change, each runs by itself.

Each request keeps its own claim, attempt, epoch and events, so that whatever dies on the way is found by the reaper and
the reconciler like any other.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar
from uuid import UUID

import structlog
from celery.exceptions import SoftTimeLimitExceeded

from approvals.adapters.action_lock import hold_actions
from approvals.dispatch import nudge
from approvals.domain.operations import verb_of
from approvals.models import AgentActionRequest
from approvals.services.claim import Claim, claim_together
from approvals.services.execution import Ready, finish_attempt, look_after, look_before, run_attempt, send_once
from approvals.services.recovery import FencedError, commit_before_read, commit_verified
from approvals.services.second_gate import pass_second_gate
from approvals.services.settling import settle_executed
from crm_connectors.domain.guarantee import Guarantee
from crm_connectors.domain.record import Operation
from crm_connectors.port import BatchSender, Connector, ConnectorError
from crm_connectors.services.connectors import get_connector
from crm_connectors.services.together import TogetherConnector

TOGETHER = 100
"""Requests in one transaction, claimed by a few statements: a kill switch waits for the last of them."""

log = structlog.get_logger(__name__)

Item = TypeVar("Item")
Pair = tuple[Claim, Ready]
Found = tuple[Claim, str, dict[str, Any]]
"""What the record of that id holds now."""


def execute_together(request_ids: Sequence[UUID], *, worker: str) -> None:
    """Try to execute these approved requests of people, each once; no two on one record. Safe to call any number of
    times, never inside a transaction. For what touches nobody: no addressee and no window is looked up on the way.

    An error while claiming leaves them all approved, to be executed one by one.
    """
    with hold_actions(request_ids) as ours:
        places: defaultdict[tuple[UUID, str], list[tuple[UUID, str]]] = defaultdict(list)
        rows = AgentActionRequest.objects.filter(pk__in=ours).order_by("pk")
        columns = rows.values_list("connection_id", "connection__kind", "pk", "action")
        for connection_id, kind, pk, action in columns:
            places[connection_id, kind].append((pk, action))
        for (connection_id, kind), members in places.items():
            _run(_batch_sender(connection_id, kind), members, worker)


def _claim(request_ids: Sequence[UUID], worker: str) -> list[Claim]:
    try:
        return claim_together(request_ids=request_ids, worker=worker)
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        log.exception("requests could not be claimed together", count=len(request_ids))
        for request_id in request_ids:
            nudge("execute", request_id)
        return []


def _run(own: BatchSender | None, members: Sequence[tuple[UUID, str]], worker: str) -> None:
    """The requests of one connection, each with its action, to their ends: a call's worth after the other, then each
    that goes by itself.

    INVARIANT: gates are passed for one write call, right before it; what goes by itself is claimed right before it,
    too. A stop, or whatever is withdrawn, finds the next one still closed.
    """
    plain = [pk for pk, action in members if verb_of(action) == "update"]  # all else has steps or effects of its own
    together = plain if own is not None else []
    if own is not None and together:
        _run_calls(own, [claim for chunk in _chunks(together) for claim in _claim(chunk, worker)])
    for pk, _ in members:
        if pk not in together:
            for claim in _claim([pk], worker):
                run_attempt(claim)


def _batch_sender(connection_id: UUID, kind: str) -> BatchSender | None:
    """None where the CRM takes one write a call, or cannot be had: each attempt meets that by itself."""
    try:
        own = get_connector(connection_id, kind=kind)
    except ConnectorError:
        return None
    return own if isinstance(own, BatchSender) else None


def _run_calls(own: BatchSender, claims: Sequence[Claim]) -> None:
    objects: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        objects[claim.operation.object].append(claim)
    for members in objects.values():
        for chunk in _chunks(members, size=own.batch_size):
            _run_call(own, chunk)


def _run_call(own: BatchSender, claims: Sequence[Claim]) -> None:
    """Changes of one object, as many as one call takes. What the CRM takes in no call with others is released, and goes
    by itself when it is due."""
    connector = TogetherConnector(own)
    connector.read_ahead(
        (claim.operation.object, claim.operation.record_id, frozenset(change.field for change in claim.patch))
        for claim in claims
        if claim.operation.record_id is not None
    )
    looked = [(claim, found) for claim in claims if (found := _look(claim, connector)) is not None]
    kept = _together(looked, _keep)
    going = [pair for pair in kept if pair[1].guarantee != Guarantee.AT_MOST_ONCE]
    if passed := _together(going, _pass):
        _send(passed, connector)
    for claim, ready in kept:  # each waits for its own proof of intent
        if ready.guarantee == Guarantee.AT_MOST_ONCE:
            _finish(claim, ready.operation, own)


def _look(claim: Claim, connector: Connector) -> Ready | None:
    try:
        return look_before(claim, lambda: connector)
    except FencedError:
        _leave(claim)
        return None


def _keep(pairs: Sequence[Pair]) -> Sequence[Pair]:
    commit_before_read([ready.step for _, ready in pairs])
    return pairs


def _pass(pairs: Sequence[Pair]) -> list[Pair]:
    passed = {claim.attempt_id for claim in pass_second_gate([claim for claim, _ in pairs])}
    return [pair for pair in pairs if pair[0].attempt_id in passed]


def _send(pairs: Sequence[Pair], connector: TogetherConnector) -> None:
    """The one call, and each one's end."""
    connector.send_ahead([ready.operation for _, ready in pairs])
    connector.read_ahead(
        (ready.operation.object, ready.operation.record_id, frozenset(ready.operation.values))
        for _, ready in pairs
        if ready.operation.record_id is not None
    )
    found = [one for claim, ready in pairs if (one := _hear(claim, ready.operation, connector)) is not None]
    verified = _together(found, _verify)
    _together(verified, _settle)


def _hear(claim: Claim, operation: Operation, connector: TogetherConnector) -> Found | None:
    """What the call met for one of them, and what its record holds now; None when its attempt has ended here."""
    try:
        receipt = send_once(connector, operation, claim)
        if receipt is None:
            return None
        after = look_after(connector, operation, claim, record_id=receipt.record_id)
    except FencedError:
        _leave(claim)
        return None
    return (claim, receipt.record_id, after) if after is not None else None


def _verify(found: Sequence[Found]) -> Sequence[Found]:
    commit_verified(found)
    return found


def _settle(found: Sequence[Found]) -> Sequence[Found]:
    settle_executed([claim for claim, _, _ in found])
    return found


def _finish(claim: Claim, operation: Operation, own: Connector) -> None:
    try:
        finish_attempt(own, operation, Guarantee.AT_MOST_ONCE, claim)
    except FencedError:
        _leave(claim)


def _together(items: Sequence[Item], work: Callable[[Sequence[Item]], Sequence[Item]]) -> list[Item]:
    """`work` on all at once, and what it gives on; where one was taken over on each by itself, and that one is left."""
    if not items:
        return []
    try:
        return list(work(items))
    except FencedError:
        log.warning("attempts are taken on one by one", count=len(items))
    done: list[Item] = []
    for item in items:
        try:
            done += work([item])
        except FencedError:
            log.warning("attempt taken over")
    return done


def _leave(claim: Claim) -> None:
    log.warning("attempt taken over", request_id=str(claim.request.pk), epoch=claim.epoch)


def _chunks(items: Sequence[Item], *, size: int = TOGETHER) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
