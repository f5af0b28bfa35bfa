"""Revert: an executed request taken back by a new one through the same street (RVT-01, RVT-03, RVT-04)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from approvals.dispatch import nudge
from approvals.domain.judgement import Judgement
from approvals.domain.operations import Compensation, compensation_of, revert_action
from approvals.domain.status import Status
from approvals.domain.three_way import ThreeWay, compare_three_ways
from approvals.domain.wording import irreversible_words
from approvals.models import AgentActionRequest, Attempt
from approvals.selectors.of_agents import concerned_agent_id
from approvals.services.provenance import is_signature_of_another, signed_fields
from approvals.services.revert_errors import (
    IrreversibleError,
    NothingToRevertError,
    NotRevertibleError,
    RequestNotFoundError,
    RevertConflictError,
    RevertDeniedError,
    RevertError,
    RevertExistsError,
    RevertUnavailableError,
)
from approvals.services.revert_request import judge_revert, make_revert, revert_events
from approvals.services.surroundings import Surroundings
from audit.services.append import append_events
from crm_connectors.domain.record import Record
from crm_connectors.port import ConnectorError, NotFoundError
from crm_connectors.services.connectors import get_connector
from governance.domain.decision import Decision
from governance.models import User
from governance.selectors.access import NotAllowedError, ensure_may_for

__all__ = [
    "IrreversibleError",
    "NotRevertibleError",
    "NothingToRevertError",
    "RequestNotFoundError",
    "RevertConflictError",
    "RevertDeniedError",
    "RevertError",
    "RevertExistsError",
    "RevertPlan",
    "RevertSubmission",
    "RevertUnavailableError",
    "ThreeWay",
    "plan_revert",
    "revert_request",
]

_JOINED = ("workspace", "connection", "agent", "person")


@dataclass(frozen=True, slots=True, kw_only=True)
class RevertPlan:
    """What a revert would do. `is_irreversible` says that the provider cannot undo it."""

    request_id: UUID
    action: str
    fields: tuple[ThreeWay, ...]
    is_irreversible: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RevertSubmission:
    """The new request that takes the old one back, as the engine decided it."""

    request_id: UUID
    status: str
    status_code: str
    decision: Decision


def plan_revert(*, request_id: UUID, person_id: UUID, user_id: int) -> RevertPlan:
    """Three ways of every field, reading the CRM now. Commits nothing. Raises RevertError subclasses."""
    original = _get_original(request_id, person_id, user_id)
    compensation = compensation_of(original.action)
    if compensation is Compensation.NONE:
        return RevertPlan(request_id=request_id, action="", fields=(), is_irreversible=True)
    _, fields = _compare(original)
    return RevertPlan(request_id=request_id, action=revert_action(compensation), fields=fields)


def revert_request(
    *,
    request_id: UUID,
    person_id: UUID,
    user_id: int,
    reason: str,
    now: datetime,
    drop_fields: frozenset[str] = frozenset(),
) -> RevertSubmission:
    """Take an executed request back by a new one. The login needs `revert_requests` on the workspace.

    Fields that someone else wrote since refuse the whole, unless the person drops them by name: dropped fields of an
    update stay as they are now; for a created record they say that it may go although it was edited. The CRM is read
    before the one transaction that commits the new request, its decision and their events. Raises RevertErrors.
    """
    original = _get_original(request_id, person_id, user_id)
    compensation = compensation_of(original.action)
    if compensation is Compensation.NONE:
        raise IrreversibleError(irreversible_words(original.action))
    record, fields = _compare(original)
    conflicts = [row.field for row in fields if row.is_conflict and row.field not in drop_fields]
    if conflicts:
        named = ", ".join(f"`{name}`" for name in conflicts)
        raise RevertConflictError(f"someone wrote {named} since", fields=fields)
    kept = tuple(row for row in fields if row.field not in drop_fields)
    if compensation is Compensation.INVERSE_PATCH and not {row.field for row in kept} - signed_fields(original):
        raise NothingToRevertError("no field is left to put back")
    action = revert_action(compensation)
    around = Surroundings(workspace_id=original.workspace_id, person_id=person_id)
    judgement, version_id = judge_revert(original, action, record, kept, around=around, now=now)
    request = make_revert(original, judgement, version_id, person_id=person_id, reason=reason, now=now)
    _commit(request, judgement, original, reason, now)
    if request.status == Status.APPROVED:
        nudge("execute", request.pk)
    return RevertSubmission(
        request_id=request.pk,
        status=request.status,
        status_code=request.status_code,
        decision=judgement.decision,
    )


def _get_original(request_id: UUID, person_id: UUID, user_id: int) -> AgentActionRequest:
    original = AgentActionRequest.objects.select_related(*_JOINED).filter(pk=request_id).first()
    if original is None:
        raise RequestNotFoundError("no such request")
    is_theirs = User.objects.filter(pk=user_id, person_id=person_id, is_active=True, person__is_active=True).exists()
    try:
        ensure_may_for(
            user_id=user_id,
            permission="revert_requests",
            workspace_id=original.workspace_id,
            agent_id=concerned_agent_id(original),
        )
    except NotAllowedError as error:
        raise RevertDeniedError("you may not revert requests in this workspace") from error
    if not is_theirs:
        raise RevertDeniedError("this login does not belong to the person who reverts")
    if original.status != Status.EXECUTED:
        raise NotRevertibleError(f"the request is `{original.status}`: only an executed one can be taken back")
    return original


def _compare(original: AgentActionRequest) -> tuple[Record, tuple[ThreeWay, ...]]:
    """The record now, and every field three ways. Reads the CRM."""
    attempt = Attempt.objects.get(request=original, epoch=original.epoch)
    names = [change["field"] for change in original.patch]
    try:
        connector = get_connector(original.connection_id, kind=original.connection.kind)
        record = connector.read(
            object_type=original.object_type,
            record_id=original.record_id or attempt.result_record_id,
            fields=names,
        )
    except NotFoundError as error:
        raise NothingToRevertError("the record is gone") from error
    except ConnectorError as error:
        raise RevertUnavailableError("the CRM cannot be read now; nothing was done") from error
    rows = compare_three_ways(names, before=attempt.before, ours=attempt.after, now=record.values)
    kept = (row for row in rows if not is_signature_of_another(original, row.field, is_conflict=row.is_conflict))
    return record, tuple(kept)


def _commit(
    request: AgentActionRequest, judgement: Judgement, original: AgentActionRequest, reason: str, now: datetime
) -> None:
    try:
        with transaction.atomic():
            # Locks the original: it may not be taken back by another revert between the look and this commit.
            rows = AgentActionRequest.objects.select_for_update().filter(pk=original.pk, status=Status.EXECUTED)
            if rows.values_list("pk", flat=True).first() is None:
                raise NotRevertibleError("the request was taken back meanwhile")
            request.save(force_insert=True)
            append_events(revert_events(request, judgement, reason), now=now)
    except IntegrityError as error:
        raise RevertExistsError("a revert of this request is under way already") from error
