"""Execution of several people's requests in the steps of one: the same recovery points, gates and settlements, a few
requests a transaction, and one foreign call for as many as the CRM takes in one (EXE-02, RVT-02). Where it takes one
write a call, and what is no plain change, each runs by itself.

Each request keeps its own claim, attempt, epoch and events, so that whatever dies on the way is found by the reaper and
the reconciler like any other.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import TypeVar
from uuid import UUID

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from approvals.adapters.action_lock import hold_action
from approvals.dispatch import nudge
from approvals.services.claim import Claim, claim_together
from approvals.services.execution import finish_attempt, prepare_attempt, run_attempt, send_once, verify
from approvals.services.recovery import FencedError, pass_second_gate
from crm_connectors.domain.guarantee import Guarantee
from crm_connectors.domain.record import Operation
from crm_connectors.port import BatchSender, Connector, ConnectorError
from crm_connectors.services.connectors import get_connector
from crm_connectors.services.together import TogetherConnector
from governance.models import Connection

TOGETHER = 20
"""Requests in one transaction: a kill switch waits for its end."""

log = structlog.get_logger(__name__)

Item = TypeVar("Item")
Prepared = list[tuple[Claim, Operation]]


def execute_together(request_ids: Sequence[UUID], *, worker: str) -> None:
    """Try to execute these approved requests of people, each once; no two on one record. Safe to call any number of
    times, never inside a transaction. For what touches nobody: no addressee and no window is looked up on the way.

    An error while claiming leaves them all approved, to be executed one by one.
    """
    with ExitStack() as held:
        ours = [request_id for request_id in request_ids if held.enter_context(hold_action(request_id))]
        claims = [claim for chunk in _chunks(ours) for claim in _claim(chunk, worker)]
        connections: defaultdict[UUID, list[Claim]] = defaultdict(list)
        for claim in claims:
            connections[claim.request.connection_id].append(claim)
        for members in connections.values():
            _run(members)


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


def _run(claims: Sequence[Claim]) -> None:
    """The claims of one connection, to their ends: a call's worth after the other, then each that goes by itself.

    INVARIANT: gates are passed for one write call, right before it. A stop finds the next one's still closed.
    """
    own = _batch_sender(claims[0].request.connection)
    alone: list[Claim] = []
    objects: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        is_plain = claim.operation.verb == "update"  # whatever else is written has steps or effects of its own
        (objects[claim.operation.object] if own is not None and is_plain else alone).append(claim)
    if own is not None:
        for members in objects.values():
            for chunk in _chunks(members, size=own.batch_size):
                _run_call(own, chunk)
    for claim in alone:
        run_attempt(claim)


def _batch_sender(connection: Connection) -> BatchSender | None:
    """None where the CRM takes one write a call, or cannot be had: each attempt meets that by itself."""
    try:
        own = get_connector(connection.pk, kind=connection.kind)
    except ConnectorError:
        return None
    return own if isinstance(own, BatchSender) else None


def _run_call(own: BatchSender, claims: Sequence[Claim]) -> None:
    """Changes of one object, as many as one call takes. What the CRM takes in no call with others is released, and goes
    by itself when it is due."""
    connector = TogetherConnector(own)
    connector.read_ahead(
        (claim.operation.object, claim.operation.record_id, frozenset(change.field for change in claim.patch))
        for claim in claims
        if claim.operation.record_id is not None
    )
    prepared: Prepared = []
    alone: Prepared = []
    _each(claims, lambda claim: _prepare(claim, connector, prepared, alone))
    ready: Prepared = []
    _each(prepared, lambda pair: _pass(pair, ready))
    if ready:
        _send(ready, connector)
    for pair in alone:  # each waits for its own proof of intent
        _finish(pair, own)


def _send(ready: Prepared, connector: TogetherConnector) -> None:
    """The one call, and each one's end."""
    connector.send_ahead([operation for _, operation in ready])
    connector.read_ahead(
        (operation.object, operation.record_id, frozenset(operation.values))
        for _, operation in ready
        if operation.record_id is not None
    )
    _each(ready, lambda pair: _settle(pair, connector))


def _prepare(claim: Claim, connector: TogetherConnector, prepared: Prepared, alone: Prepared) -> None:
    found = prepare_attempt(claim, lambda: connector)
    if found is not None:
        _, operation, guarantee = found
        (alone if guarantee == Guarantee.AT_MOST_ONCE else prepared).append((claim, operation))


def _finish(pair: tuple[Claim, Operation], own: Connector) -> None:
    claim, operation = pair
    try:
        finish_attempt(own, operation, Guarantee.AT_MOST_ONCE, claim)
    except FencedError:
        log.warning("attempt taken over", request_id=str(claim.request.pk), epoch=claim.epoch)


def _pass(pair: tuple[Claim, Operation], ready: Prepared) -> None:
    if pass_second_gate(pair[0]):
        ready.append(pair)


def _settle(pair: tuple[Claim, Operation], connector: TogetherConnector) -> None:
    claim, operation = pair
    receipt = send_once(connector, operation, claim)
    if receipt is not None:
        verify(connector, operation, claim, record_id=receipt.record_id)


def _each(items: Sequence[Item], work: Callable[[Item], None]) -> None:
    """`work` for each, TOGETHER in a transaction; what was taken over is left alone."""
    for chunk in _chunks(items):
        with transaction.atomic():
            for item in chunk:
                try:
                    work(item)  # its steps are savepoints of their own
                except FencedError:
                    log.warning("attempt taken over")


def _chunks(items: Sequence[Item], *, size: int = TOGETHER) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
