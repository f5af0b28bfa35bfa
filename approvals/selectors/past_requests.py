"""Requests as they were decided, in the order of their ids: what backtests and shadow runs walk through."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

import msgspec
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from approvals.models import AgentActionRequest
from audit.domain.identifier import first_id_at
from governance.domain.backtest import PastRequest
from governance.domain.facts import Facts
from governance.domain.vocabulary import ActorType

_decoder = msgspec.json.Decoder(Facts)


def decided_requests(workspace_id: UUID, *, since: datetime, until: datetime) -> QuerySet[AgentActionRequest]:
    """Agents' requests of that time that policy has decided; since ≤ created < until."""
    return AgentActionRequest.objects.filter(
        workspace_id=workspace_id,
        id__gte=first_id_at(since),
        created_at__gte=since,
        created_at__lt=until,
        actor_type=ActorType.AGENT,
    ).exclude(outcome="")


PastRow = tuple[UUID, str, str, str, str, str, str]
"""id, facts as stored, agent, action, object, record, status"""


def read_past(rows: QuerySet[AgentActionRequest], *, after: UUID | None, limit: int) -> list[PastRow]:
    """The next rows by id. One query."""
    later = rows.filter(id__gt=after) if after is not None else rows
    named = later.annotate(raw=Cast("facts", TextField())).order_by("id")
    columns = ("id", "raw", "agent__name", "action", "object_type", "record_id", "status")
    return list(named.values_list(*columns)[:limit])


def decode_past(rows: Iterable[PastRow]) -> Iterator[PastRequest]:
    """Rows whose facts the engine can read; others, of an older or newer form, are left out."""
    for request_id, raw, agent, action, object_type, record_id, status in rows:
        try:
            facts = _decoder.decode(raw)
        except (msgspec.ValidationError, msgspec.DecodeError):
            continue
        yield PastRequest(
            id=str(request_id),
            agent=agent,
            about=f"{action} {object_type} {record_id}".strip(),
            facts=facts,
            was_reverted=status == "reverted",
        )
