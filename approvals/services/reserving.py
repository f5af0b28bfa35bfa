"""Reserving samples: each is before one person at a time, for a while (QAS-02)."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from approvals.models import QualitySample
from approvals.selectors.of_agents import of_agents
from approvals.selectors.quality import find_next_free
from approvals.services.events import request_event
from audit.domain.event import Actor
from audit.services.append import append_event
from governance.models import User
from governance.selectors.access import NotAllowedError, ensure_may_for_some
from governance.selectors.held import AgentScope, get_held

PERMISSION = "score_quality"
RESERVED_FOR = timedelta(minutes=15)


class _Place(NamedTuple):
    workspace_id: UUID
    agents: AgentScope


def reserve_next(
    *,
    workspace_id: UUID,
    person_id: UUID,
    user_id: int,
    now: datetime,
    skip: UUID | None = None,
    agents: AgentScope = None,
) -> UUID | None:
    """Hand out the oldest sample that this person may score, of these agents, for 15 minutes; None when none is left.

    One that they have before them already comes again, unless it is the one to `skip`: that one is let go, and what
    comes after it is handed out. Commits the reservation with `sample.reserved`. Two people never get the same one.
    Raises NotAllowedError, LedgerUnavailableError.
    """
    theirs = ensure_scorer(workspace_id=workspace_id, person_id=person_id, user_id=user_id)
    agents = theirs if agents is None else agents if theirs is None else agents & theirs
    if skip is not None:
        release_sample(sample_id=skip, person_id=person_id, now=now)
    held = QualitySample.objects.filter(
        of_agents(agents),
        workspace_id=workspace_id,
        reserved_by=person_id,
        reserved_until__gt=now,
        scored_at__isnull=True,
    ).values_list("pk", flat=True)
    found = held.first()
    return found if found is not None else _take_next(_Place(workspace_id, agents), person_id, skip, now)


def release_sample(*, sample_id: UUID, person_id: UUID, now: datetime) -> bool:
    """Let go of what this person has before them; whether there was something. Commits it with `sample.released`."""
    with transaction.atomic():
        rows = QualitySample.objects.filter(pk=sample_id, reserved_by=person_id, scored_at__isnull=True)
        if not rows.update(reserved_by=None, reserved_until=None):
            return False
        _note(sample_id, "sample.released", person_id, now)
    return True


def ensure_scorer(*, workspace_id: UUID, person_id: UUID, user_id: int) -> AgentScope:
    """The agents of which this login may score samples here. Raises NotAllowedError where there are none, or where it
    is not the active login of the active person."""
    ensure_may_for_some(user_id=user_id, permission=PERMISSION, workspace_id=workspace_id)
    if not User.objects.filter(pk=user_id, person_id=person_id, is_active=True, person__is_active=True).exists():
        raise NotAllowedError("this login does not belong to the person who scores")
    return get_held(User.objects.get(pk=user_id)).get_scope(workspace_id, PERMISSION)


def _take_next(place: _Place, person_id: UUID, after: UUID | None, now: datetime) -> UUID | None:
    """From where the person is, then once more from the top. Whoever comes second at a row goes on to the next."""
    cursor, is_from_top = after, after is None
    while True:
        found = find_next_free(
            workspace_id=place.workspace_id, person_id=person_id, now=now, after=cursor, agents=place.agents
        )
        if found is None and is_from_top:
            return None
        if found is None:
            cursor, is_from_top = None, True
        elif _reserve(found.pk, person_id, now):
            return found.pk
        else:
            cursor = found.pk


def _reserve(sample_id: UUID, person_id: UUID, now: datetime) -> bool:
    """INVARIANT: the conditional UPDATE decides; of two at once the second finds it taken."""
    with transaction.atomic():
        free = Q(reserved_until__isnull=True) | Q(reserved_until__lte=now)
        rows = QualitySample.objects.filter(free, pk=sample_id, scored_at__isnull=True)
        if not rows.update(reserved_by=person_id, reserved_until=now + RESERVED_FOR):
            return False
        _note(sample_id, "sample.reserved", person_id, now)
    return True


def _note(sample_id: UUID, event_type: str, person_id: UUID, now: datetime) -> None:
    sample = QualitySample.objects.select_related("request__workspace").get(pk=sample_id)
    actor = Actor("human", str(person_id))
    append_event(request_event(sample.request, event_type, actor, data={"sample": str(sample_id)}), now=now)
