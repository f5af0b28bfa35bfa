"""Drawing canaries: a follower that lets a person's decision draw one, by a seed committed before (QAS-02)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from approvals.domain.canary import draws, number_of, share_of
from approvals.models import AgentActionRequest, Canary, SamplingPeriod
from approvals.selectors.sampling import rates_of
from approvals.services.canary_events import canary_event
from audit.domain.event import NewEvent
from audit.selectors.events import LedgerEntry
from audit.services.append import append_events
from audit.services.follow import Following
from governance.domain.vocabulary import ActorType

_DECIDED = frozenset({"request.approved", "request.denied"})


def draw_canaries(entries: Sequence[LedgerEntry]) -> None:
    """Draw among what these events say that people decided. In the follower's transaction: each request once.

    A handful of queries for any number of events. The seed is that of the period in force when it was decided: secret
    until then, told when the period is over, so that anybody can draw again.
    """
    decided = {UUID(entry.subject.id): entry for entry in entries if entry.actor.type == ActorType.HUMAN}
    asked = AgentActionRequest.objects.filter(pk__in=decided, actor_type=ActorType.AGENT)
    places = dict(asked.values_list("pk", "workspace_id")) if decided else {}
    periods = _periods(places.values())
    known = set(Canary.objects.filter(drawn_from__in=places).values_list("drawn_from", flat=True)) if places else set()
    drawn = [
        canary
        for request_id, entry in decided.items()
        if request_id in places
        and request_id not in known
        and (canary := _draw(request_id, entry.at, periods.get(places[request_id], []))) is not None
    ]
    if drawn:
        Canary.objects.bulk_create(drawn)
        append_events([_event(row) for row in drawn], now=max(row.drawn_at for row in drawn))


def _periods(workspace_ids: Iterable[UUID]) -> dict[UUID, list[SamplingPeriod]]:
    found: dict[UUID, list[SamplingPeriod]] = {}
    rows = SamplingPeriod.objects.filter(workspace__in=set(workspace_ids)).select_related("workspace")
    for period in rows.order_by("-number"):
        found.setdefault(period.workspace_id, []).append(period)
    return found


def _draw(request_id: UUID, at: datetime, periods: Sequence[SamplingPeriod]) -> Canary | None:
    """By the newest period that was open when it was decided."""
    period = next((period for period in periods if period.opened_at <= at), None)
    if period is None:
        return None
    number = number_of(bytes(period.seed), request_id)
    if not draws(number, rates_of(period).canary_every):
        return None
    return Canary(
        workspace=period.workspace, period=period, drawn_from_id=request_id, share=share_of(number), drawn_at=at
    )


def _event(row: Canary) -> NewEvent:
    data = {"drawn_from": str(row.drawn_from_id), "period": row.period.number, "share": f"{row.share:.6f}"}
    return canary_event(row, "drawn", data=data)


CANARIES = Following("canaries", _DECIDED, draw_canaries, from_now=True)
