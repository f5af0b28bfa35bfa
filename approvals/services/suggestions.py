"""Suggestions follow what is written to suggestion fields, in the transaction that says it was (REG-06)."""

from datetime import datetime
from typing import Any

from approvals.domain.patch import Patch
from approvals.domain.suggestion import Suggested, SuggestionState, find_suggested
from approvals.models import AgentActionRequest, Attempt, Suggestion
from approvals.services.events import request_event, requester
from approvals.services.judging import load_index
from audit.domain.event import Actor
from audit.services.append import append_event
from governance.domain.field_plan import PROMOTES
from governance.models import Agent

_OPEN = SuggestionState.OPEN
_PERSON = "person:"


def note_suggestions(request: AgentActionRequest, patch: Patch, now: datetime) -> None:
    """Close what an executed patch replaces, promotes or takes back, and open what it suggests anew.

    Runs in the transaction that settles the request, with workspace, agent and connection joined. No query unless the
    patch touches a suggestion field. An error rises: what was written and what people are shown go together.
    """
    for suggested in _find(request, patch):
        record_id = request.record_id or _made_record(request)
        place = {
            "connection_id": request.connection_id,
            "object_type": request.object_type,
            "record_id": record_id,
            "suggestion_field": suggested.suggestion_field,
        }
        _close(request, place, now)
        if request.agent is not None and not suggested.is_nothing:
            _open(request, request.agent, suggested, place, now)
        elif request.reverses_id is not None:
            _reopen(request, place, now)


def note_event(row: Suggestion, name: str, actor: Actor, now: datetime, **data: Any) -> None:
    """What became of a suggestion, told about the request that made it. `row.request` has its workspace joined."""
    reason = data.pop("reason", "")
    told = {
        "suggestion": str(row.pk),
        "object": row.object_type,
        "record": row.record_id,
        "field": row.field,
        "suggestion_field": row.suggestion_field,
    } | data
    values = {"reason": reason} if reason else None
    append_event(request_event(row.request, f"suggestion.{name}", actor, data=told, values=values), now=now)


def _find(request: AgentActionRequest, patch: Patch) -> tuple[Suggested, ...]:
    index = load_index(str(request.decision.get("policy_version", "")) or None)
    entry = index.objects.get((request.connection.name, request.object_type)) if index is not None else None
    return find_suggested(patch, entry.suggested) if entry is not None and entry.suggested else ()


def _made_record(request: AgentActionRequest) -> str:
    return str(Attempt.objects.values_list("result_record_id", flat=True).get(request=request, epoch=request.epoch))


def _close(request: AgentActionRequest, place: dict[str, Any], now: datetime) -> None:
    rows = Suggestion.objects.select_for_update(of=("self",)).select_related("request__workspace")
    row = rows.filter(**place, state=_OPEN).first()
    if row is None:
        return
    is_promotion = row.promotion_id == request.pk
    row.state = SuggestionState.PROMOTED if is_promotion else SuggestionState.REPLACED
    row.settled_at, row.settled_by_id = now, request.person_id
    row.save(update_fields=["state", "settled_at", "settled_by"])
    name = "promoted" if is_promotion else "replaced"
    note_event(row, name, requester(request), now, by=str(request.pk))


def _open(
    request: AgentActionRequest, agent: Agent, suggested: Suggested, place: dict[str, Any], now: datetime
) -> None:
    row = Suggestion.objects.create(
        workspace_id=request.workspace_id,
        agent=agent,
        request=request,
        field=suggested.field,
        value=suggested.value,
        approver_id=_approver(request, suggested.field),
        created_at=now,
        **place,
    )
    note_event(row, "opened", requester(request), now)


def _reopen(request: AgentActionRequest, place: dict[str, Any], now: datetime) -> None:
    """A promotion that was taken back leaves the suggestion as it was before it."""
    rows = Suggestion.objects.select_for_update(of=("self",)).select_related("request__workspace")
    row = rows.filter(**place, promotion_id=request.reverses_id, state=SuggestionState.PROMOTED).first()
    if row is None:
        return
    row.state, row.promotion_id, row.settled_at, row.settled_by_id = _OPEN, None, None, None
    row.save(update_fields=["state", "promotion", "settled_at", "settled_by"])
    note_event(row, "reopened", requester(request), now, by=str(request.pk))


def _approver(request: AgentActionRequest, field: str) -> str | None:
    """Who approved it, where the matrix said that approving promotes. A standing approval saw nothing."""
    asked = any(item["code"] == PROMOTES and item["field"] == field for item in request.decision.get("checks", ()))
    is_by_person = asked and request.decided_by.startswith(_PERSON)
    return request.decided_by.removeprefix(_PERSON) if is_by_person else None
