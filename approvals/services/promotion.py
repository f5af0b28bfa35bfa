"""Promotion: a person takes an agent's suggestion over into the field itself, through the same street (REG-06)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
import structlog
from django.db import transaction

from approvals.dispatch import nudge
from approvals.domain.judgement import Judgement, judge_outcome
from approvals.domain.status import Status
from approvals.domain.suggestion import SuggestionState, promotion_changes, promotion_expected
from approvals.models import AgentActionRequest, Suggestion
from approvals.services.human_request import human_request_events, make_human_facts, make_human_request
from approvals.services.judging import NO_POLICY, judge_with, load_index, read_record
from approvals.services.promotion_errors import (
    PromotionDeniedError,
    PromotionError,
    PromotionUnavailableError,
    PromotionUnderWayError,
    ReasonMissingError,
    SuggestionNotFoundError,
    SuggestionSettledError,
)
from approvals.services.suggestions import note_event
from approvals.services.surroundings import Surroundings
from approvals.services.world import with_world
from audit.domain.event import Actor
from audit.domain.identifier import new_id
from audit.services.append import append_events
from crm_connectors.services.connectors import get_connector
from governance.domain.facts import JsonValue
from governance.models import User
from governance.selectors.access import NotAllowedError, ensure_may_for
from governance.selectors.releases import get_release

log = structlog.get_logger(__name__)

PERMISSION = "promote_suggestions"
MAX_REASON = 2_000
_ENDED = (
    Status.DENIED,
    Status.EXPIRED,
    Status.CANCELLED,
    Status.CONFLICT,
    Status.FAILED,
    Status.REVERTED,
)
"""What a promotion has ended as when the suggestion may be promoted again. `executed` settles it, `unknown` waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """The request that promotes, as the engine decided it."""

    request_id: UUID
    status: str
    status_code: str


def promote_suggestion(
    *, suggestion_id: UUID, person_id: UUID, user_id: int, shown: JsonValue, now: datetime
) -> Promotion:
    """Write the suggested value to the field itself and empty the suggestion field, by a request of this person.

    `shown` is what the person saw in the field. If it, or the suggestion, is another one by now, the request ends as
    `conflict` and nothing is written. Like every request it is judged, executed once, read back, and can be taken back.
    The CRM is read before the one transaction that commits request, decision and events. The login needs
    `promote_suggestions` on the workspace. Raises PromotionError subclasses, LedgerUnavailableError.
    """
    row = _get(suggestion_id, person_id, user_id)
    _require_free(row)
    request_id = new_id()
    judgement, version_id = _judge(row, request_id, shown, person_id=person_id, now=now)
    cause = {"promotes": str(row.request_id), "suggestion": str(row.pk)}
    reason = f"promote what {row.agent.name} suggests"
    request = make_human_request(
        row.request,
        judgement,
        version_id,
        request_id=request_id,
        person_id=person_id,
        reason=reason,
        cause=cause,
        now=now,
    )
    with transaction.atomic():
        locked = _lock(row.pk)
        _require_free(locked)
        request.save(force_insert=True)
        append_events(human_request_events(request, judgement, reason=reason, cause=cause), now=now)
        if request.status not in _ENDED:
            locked.promotion, locked.approver = request, None
            locked.save(update_fields=["promotion", "approver"])
            note_event(locked, "promoting", Actor("human", str(person_id)), now, by=str(request_id))
    if request.status == Status.APPROVED:
        nudge("execute", request.pk)
    return Promotion(request_id=request.pk, status=request.status, status_code=request.status_code)


def dismiss_suggestion(*, suggestion_id: UUID, person_id: UUID, user_id: int, reason: str, now: datetime) -> None:
    """Say no to a suggestion, and why. Nothing changes at the CRM; the agent may suggest anew.

    Commits the row and `suggestion.dismissed`. Raises PromotionError subclasses.
    """
    reason = reason.replace("\x00", "").strip()[:MAX_REASON]
    if not reason:
        raise ReasonMissingError("say why: it is what the agent's owner learns from")
    _get(suggestion_id, person_id, user_id)
    with transaction.atomic():
        row = _lock(suggestion_id)
        _require_free(row)
        row.state, row.reason, row.settled_at, row.settled_by_id = SuggestionState.DISMISSED, reason, now, person_id
        row.save(update_fields=["state", "reason", "settled_at", "settled_by"])
        note_event(row, "dismissed", Actor("human", str(person_id)), now, reason=reason)


def promote_approved(*, limit: int, now: datetime) -> int:
    """Promote what was approved under a matrix row whose approval promotes, each in the name of who approved it.

    What cannot be promoted so (their right is gone, the record changed) stays open for a person. Returns how many were
    tried. The row is the job: a worker lost on the way leaves it to the next.
    """
    rows = Suggestion.objects.filter(state=SuggestionState.OPEN, approver__isnull=False)
    found = list(rows.select_related("request__workspace").order_by("id")[:limit])
    for row in found:
        if row.approver_id is not None:
            _promote_for(row, row.approver_id, now)
    return len(found)


def _promote_for(row: Suggestion, approver_id: UUID, now: datetime) -> None:
    shown = (row.request.facts.get("record") or {}).get("values", {}).get(row.field)
    code = "no_login"
    for user_id in User.objects.filter(person_id=approver_id, is_active=True).values_list("pk", flat=True):
        try:
            done = promote_suggestion(
                suggestion_id=row.pk, person_id=approver_id, user_id=user_id, shown=shown, now=now
            )
            if done.status not in _ENDED:
                return
            code = done.status_code
            break
        except PromotionUnavailableError as error:
            log.warning("approved suggestion waits for the CRM", suggestion=str(row.pk), code=error.code)
            return
        except PromotionError as error:
            code = error.code
    with transaction.atomic():
        if Suggestion.objects.filter(pk=row.pk, approver_id=approver_id).update(approver=None):
            note_event(row, "left_open", Actor("system", "promotion"), now, code=code)


def _get(suggestion_id: UUID, person_id: UUID, user_id: int) -> Suggestion:
    rows = Suggestion.objects.select_related("agent", "request__workspace", "request__connection")
    row = rows.filter(pk=suggestion_id).first()
    if row is None:
        raise SuggestionNotFoundError("no such suggestion")
    is_theirs = User.objects.filter(pk=user_id, person_id=person_id, is_active=True, person__is_active=True).exists()
    try:
        ensure_may_for(user_id=user_id, permission=PERMISSION, workspace_id=row.workspace_id, agent_id=row.agent_id)
    except NotAllowedError as error:
        raise PromotionDeniedError("you may not promote or dismiss suggestions in this workspace") from error
    if not is_theirs:
        raise PromotionDeniedError("this login does not belong to the person who promotes")
    return row


def _lock(suggestion_id: UUID) -> Suggestion:
    rows = Suggestion.objects.select_for_update(of=("self",)).select_related("request__workspace", "promotion")
    return rows.get(pk=suggestion_id)


def _require_free(row: Suggestion) -> None:
    if row.state != SuggestionState.OPEN:
        raise SuggestionSettledError(f"it is {row.state} by now")
    if row.promotion is not None and row.promotion.status not in _ENDED:
        raise PromotionUnderWayError("somebody promotes it already")


def _judge(
    row: Suggestion, request_id: UUID, shown: JsonValue, *, person_id: UUID, now: datetime
) -> tuple[Judgement, UUID | None]:
    origin: AgentActionRequest = row.request
    facts = make_human_facts(
        origin,
        action="update",
        record_id=row.record_id,
        changes=promotion_changes(row.field, row.suggestion_field, row.value),
        expected=promotion_expected(row.field, row.suggestion_field, shown=shown, value=row.value),
        reason_code="promote",
        around=Surroundings(workspace_id=origin.workspace_id, person_id=person_id),
        record=None,
        reverses=False,
        now=now,
    )
    release = get_release(origin.workspace_id, origin.connection.environment)
    index = load_index(release.version.digest) if release is not None else None
    if release is None or index is None:
        return judge_outcome(NO_POLICY, facts), None
    record = read_record(get_connector(origin.connection_id, kind=origin.connection.kind), index, facts)
    if record is None:
        raise PromotionUnavailableError("the CRM cannot be read now; nothing was done")
    complete = with_world(
        msgspec.structs.replace(facts, record=record),
        index,
        workspace_id=origin.workspace_id,
        agent_id=None,
        request_id=request_id,
        now=now,
    )
    return judge_with(index, complete), release.version_id
