"""Putting a request off: out of one's own inbox until then, and of nobody else's (APR-03). Not a status."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from approvals.models import AgentActionRequest, Snooze
from approvals.services.claim import lock_request
from approvals.services.events import request_event
from approvals.services.review_errors import RequestNotFoundError, SnoozeRefusedError
from approvals.services.review_gate import require_eligible, require_open, require_reviewer
from audit.domain.event import Actor
from audit.services.append import append_event

BEFORE_EXPIRY = timedelta(minutes=30)
"""It is back at the latest so long before it expires: what is put off is not lost unread."""


def snooze_request(*, request_id: UUID, person_id: UUID, user_id: int, until: datetime, now: datetime) -> datetime:
    """Hide a pending request from this person's inbox until then, or until it is about to expire. Returns the moment.

    Again moves it. Commits the row and `request.snoozed`. Raises ReviewError subclasses.
    """
    with transaction.atomic():
        request = _open(request_id, person_id, user_id)
        require_eligible(request, person_id)
        latest = request.expires_at - BEFORE_EXPIRY if request.expires_at else until
        moment = min(until, latest)
        if until <= now:
            raise SnoozeRefusedError("choose a time that lies ahead")
        if moment <= now:
            raise SnoozeRefusedError("it expires too soon to be put off")
        Snooze.objects.update_or_create(
            request=request, person_id=person_id, defaults={"until": moment, "created_at": now}
        )
        _append(request, "request.snoozed", person_id, now, until=moment.isoformat())
    return moment


def end_snooze(*, request_id: UUID, person_id: UUID, user_id: int, now: datetime) -> None:
    """Bring it back into this person's inbox now. Nothing put off is nothing done. Raises ReviewError subclasses."""
    with transaction.atomic():
        request = _open(request_id, person_id, user_id)
        if Snooze.objects.filter(request=request, person_id=person_id, until__gt=now).delete()[0]:
            _append(request, "request.snooze_ended", person_id, now)


def forget_snoozes(*, before: datetime) -> int:
    """Remove what ended before. The ledger keeps who put what off."""
    return Snooze.objects.filter(until__lt=before).delete()[0]


def _open(request_id: UUID, person_id: UUID, user_id: int) -> AgentActionRequest:
    request = lock_request(request_id)
    if request is None:
        raise RequestNotFoundError("no such request")
    require_reviewer(request, person_id, user_id)
    require_open(request, request.digest)
    return request


def _append(request: AgentActionRequest, event_type: str, person_id: UUID, now: datetime, **data: str) -> None:
    append_event(request_event(request, event_type, Actor("human", str(person_id)), data=data), now=now)
