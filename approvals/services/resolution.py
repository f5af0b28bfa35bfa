"""Resolution: a person says what became of an outcome that no machine could settle (EXE-03)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from approvals.domain.settlement import FOR_A_PERSON
from approvals.domain.status import Status
from approvals.selectors.of_agents import concerned_agent_id
from approvals.services.claim import lock_request
from approvals.services.events import request_event
from approvals.services.transition import advance
from audit.domain.event import Actor
from governance.models import User
from governance.selectors.access import NotAllowedError, ensure_may_for

_OUTCOMES = {"applied": (Status.EXECUTED, "request.executed"), "not_applied": (Status.FAILED, "request.failed")}


class ResolutionError(Exception):
    """Nothing was settled. `code` is stable; `http_status` what a door answers."""

    code = "not_resolvable"
    http_status = 409


def resolve_unknown(
    *, request_id: UUID, person_id: UUID | None, user_id: int, outcome: str, reason: str, now: datetime
) -> str:
    """Settle an unknown outcome that waits for a person: `applied` (executed) or `not_applied` (failed).

    The login must be the person's and needs `review_requests` on the workspace; a reason is required. Commits the
    transition and its event. Raises ResolutionError, `governance.selectors.access.NotAllowedError`.
    """
    if outcome not in _OUTCOMES or not reason.strip():
        raise ResolutionError("say `applied` or `not_applied`, and why")
    new, event_type = _OUTCOMES[outcome]
    with transaction.atomic():
        request = lock_request(request_id)
        if request is None or request.status != Status.UNKNOWN or request.status_code not in FOR_A_PERSON:
            raise ResolutionError("no outcome of this request waits for a person")
        ensure_may_for(
            user_id=user_id,
            permission="review_requests",
            workspace_id=request.workspace_id,
            agent_id=concerned_agent_id(request),
        )
        if person_id is None or not _is_theirs(user_id, person_id):
            raise NotAllowedError("this login does not belong to the person")
        advance(
            request_id=request.pk,
            expected=Status.UNKNOWN,
            new=new,
            code="resolved_by_person",
            now=now,
            event=request_event(
                request,
                event_type,
                Actor("human", str(person_id)),
                data={"code": "resolved_by_person", "was": request.status_code, "epoch": request.epoch},
                values={"reason": reason.strip()},
            ),
            conditions=Q(epoch=request.epoch),
        )
    return new


def _is_theirs(user_id: int, person_id: UUID) -> bool:
    return User.objects.filter(pk=user_id, person_id=person_id, is_active=True).exists()
