"""Execution: one claimed try, with recovery points committed between the connector's calls.

Fifth of the six files that tell one request's way (docs/architecture.md). A worker calls `execute_request` with an id
that it was nudged with or that the sweep found due: `approvals.tasks` under Celery, `config.embedded` without. Every
point is one transaction with its ledger event. A worker that dies leaves the attempt at the last one:

    step                 point         what it does                                                   if it dies after
    claim_request        CLAIMED       approved → executing, if people, policy, budgets and           nothing was sent
                                       switches of now still agree; else it waits, is denied or
                                       cancelled, or goes back to people
    commit_before_read   BEFORE_READ   what the record holds right before the write, found to be      nothing was sent
                                       what was judged
    prove_intent                       for what cannot be repeated alone: `request.claimed` under     nothing was sent
                                       a signed checkpoint
    pass_second_gate     SENT          stops, withdrawals, votes, do-not-contact and frequency a      may be applied
                                       last time; what they keep back is cancelled or given back
    connector.send                     the one foreign write (for the embedded CRM                    may be applied
                                       `crm_connectors.embedded.operations`)
    commit_verified      VERIFIED      what the CRM said when asked again                             was applied
    settle_executed      RECORDED      executing → executed, with `request.executed`                  done

What a dead worker held becomes `unknown` (`reaping`), and `reconciliation` settles it: nothing was sent → approved
again, or `failed` after the last try; else the CRM is asked by the operation's key and read back, never written a
second time blindly.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import Error as DatabaseError

from approvals.adapters.action_lock import hold_action
from approvals.domain.settlement import APPLIED_WITH_DIFFERENCE
from approvals.models import AgentActionRequest
from approvals.services.addressee import is_same_addressee
from approvals.services.claim import Claim, claim_request, with_read
from approvals.services.intent_proof import UnprovenIntentError, prove_intent
from approvals.services.recovery import FencedError, Step, before_step, commit_before_read, commit_verified
from approvals.services.second_gate import pass_second_gate
from approvals.services.settling import (
    settle_conflict,
    settle_executed,
    settle_failed,
    settle_unknown,
    settle_unsent,
)
from approvals.services.verification import (
    is_as_judged,
    is_as_written,
    is_refreshed_since,
    read_after,
    read_before,
)
from audit.selectors.kept_query import KeptQuery
from audit.services.append import LedgerUnavailableError
from crm_connectors.domain.guarantee import Guarantee
from crm_connectors.domain.record import Operation, Receipt
from crm_connectors.port import (
    AuthError,
    ConflictError,
    Connector,
    ConnectorError,
    NotFoundError,
    RejectedError,
    TransientError,
)
from crm_connectors.services.connectors import get_connector

log = structlog.get_logger(__name__)


def execute_request(*, request_id: UUID, worker: str) -> str:
    """Try to execute one approved request, once. Returns its status afterwards; safe to call any number of times.

    Never called inside a transaction. The time is read from the database anew at every step. When the database fails
    between the steps the error rises: the row stays as the last step left it, and the sweep finds it.
    """
    with hold_action(request_id) as is_ours:  # tells the reaper whom to leave alone; what decides is the claim's epoch
        claim = claim_request(request_id=request_id, worker=worker) if is_ours else None
        if claim is not None:
            run_attempt(claim)
    return str(*_STATUS.fetch(request_id))


_STATUS = KeptQuery(lambda pk: AgentActionRequest.objects.filter(pk=pk).values_list("status", flat=True))


def run_attempt(claim: Claim) -> None:
    """A claimed request to its end, unless someone else has taken it over by then."""
    connection = claim.request.connection
    try:
        prepared = prepare_attempt(claim, partial(get_connector, connection.pk, kind=connection.kind))
        if prepared is not None:
            finish_attempt(*prepared, claim)
    except FencedError:
        log.warning("attempt taken over", request_id=str(claim.request.pk), epoch=claim.epoch)


def finish_attempt(connector: Connector, operation: Operation, guarantee: Guarantee, claim: Claim) -> None:
    """From the record as it was read to the end of the attempt. Raises FencedError."""
    if guarantee == Guarantee.AT_MOST_ONCE:
        try:
            prove_intent(claim)
        except UnprovenIntentError as error:
            settle_unsent(claim, error)
            return
    if not pass_second_gate([claim]):
        return
    receipt = send_once(connector, operation, claim)
    if receipt is not None:
        verify(connector, operation, claim, record_id=receipt.record_id)


class Ready(NamedTuple):
    """An attempt whose record is as it was judged: the write pinned to it, what is promised, and what was read."""

    connector: Connector
    operation: Operation
    guarantee: Guarantee
    step: Step


def prepare_attempt(claim: Claim, reach: Callable[[], Connector]) -> tuple[Connector, Operation, Guarantee] | None:
    """The record read again and compared, and what is promised for the write; None when the attempt has ended here.
    `reach` gives the connector, or raises what keeps us from it."""
    ready = look_before(claim, reach)
    if ready is None:
        return None
    commit_before_read([ready.step])
    return ready.connector, ready.operation, ready.guarantee


def look_before(claim: Claim, reach: Callable[[], Connector]) -> Ready | None:
    """The same, with what was read not committed yet. Nothing was sent, so that every failure is provably harmless."""
    try:
        connector = reach()
        before, version = read_before(connector, claim)
        is_refreshed = is_refreshed_since(connector, claim)
        operation = with_read(claim.operation, before=before, version=version)
        guarantee = connector.guarantee(operation)  # may ask the CRM: once, and never after this
    except NotFoundError:
        settle_conflict(claim, "record_gone")
        return None
    except (DatabaseError, LedgerUnavailableError, SoftTimeLimitExceeded):
        raise
    except Exception as error:
        log.exception("record could not be read before the write", request_id=str(claim.request.pk))
        settle_unsent(claim, error)
        return None
    if claim.operation.record_id is not None and not is_as_judged(claim, before, version):
        settle_conflict(claim, "drift", found=before)
        return None
    if is_refreshed:
        settle_conflict(claim, "refreshed_meanwhile", found=before)
        return None
    if not is_same_addressee(connector, claim.request):
        settle_conflict(claim, "recipient_changed")
        return None
    step = before_step(claim, before=before, version=version, guarantee=guarantee)
    return Ready(connector, operation, guarantee, step)


def send_once(connector: Connector, operation: Operation, claim: Claim) -> Receipt | None:
    """The one foreign write, outside any transaction. None when the attempt has ended here."""
    try:
        return connector.send(operation)
    except ConflictError:
        settle_conflict(claim, "drift_at_send")
    except NotFoundError:
        settle_conflict(claim, "record_gone")
    except RejectedError as error:
        settle_failed(claim, "rejected", str(error))
    except (TransientError, AuthError) as error:
        settle_unsent(claim, error)
    except SoftTimeLimitExceeded:
        raise  # this worker ends: the reaper finds what it left at its last point
    except Exception as error:
        # INVARIANT: whatever is not known to be harmless may have been applied.
        log.exception("outcome of the write is unknown", request_id=str(claim.request.pk))
        settle_unknown(claim, getattr(error, "code", "unexpected_error"), type(error).__name__)
    return None


def verify(connector: Connector, operation: Operation, claim: Claim, *, record_id: str) -> None:
    """Read back; `executed` when it agrees, else `unknown`."""
    after = look_after(connector, operation, claim, record_id=record_id)
    if after is not None:
        commit_verified([(claim, record_id, after)])
        settle_executed([claim])


def look_after(connector: Connector, operation: Operation, claim: Claim, *, record_id: str) -> dict[str, Any] | None:
    """What the CRM says when asked again, empty for what is gone as it should be; None when the attempt has ended here.

    What was applied but not as approved waits for a person: the CRM may have changed the value on its own, and writing
    again would be a second effect nobody approved. What could not be read back is looked up later (`reconciliation`).
    """
    try:
        after = read_after(connector, operation, record_id)
    except ConnectorError as error:
        settle_unknown(claim, "unverified", str(error), result_record_id=record_id)
        return None
    if not is_as_written(operation, after):
        settle_unknown(claim, APPLIED_WITH_DIFFERENCE, result_record_id=record_id, after=after or {})
        return None
    return after or {}
