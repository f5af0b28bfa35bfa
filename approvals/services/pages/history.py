"""History: what people made of this agent's last proposals for these fields, and the last few of them (APR-03)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from approvals.domain.track_record import Entry, Tally, tally
from approvals.models import AgentActionRequest, TrackRecord
from approvals.selectors.people import get_people_names
from approvals.services.pages.labels import Fields, label_of
from approvals.services.provenance import signed_fields
from audit.selectors.kept_query import KeptQuery

_FIELDS = 8
_LAST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDecision:
    """One decided proposal; `request` is its id, for the link."""

    request: str
    verdict: str
    person: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRecord:
    """One field: how the last proposals ended, and the newest of them."""

    label: str
    tally: Tally
    last: tuple[ShownDecision, ...]


def show_history(request: AgentActionRequest, fields: Fields, *, named: Mapping[str, str]) -> tuple[ShownRecord, ...]:
    """The first fields of the patch, in its order; `named`: names known already, by id. One query, whatever the agent
    has done before, and one more for who is not named; none for what a person asked for."""
    if request.agent_id is None or not request.patch:
        return ()
    signed = signed_fields(request)
    names = [item["field"] for item in request.patch if item["field"] not in signed][:_FIELDS]
    rows = _RECORDS.fetch(request.agent_id, request.connection_id, request.object_type, tuple(names))
    known = {row.field: msgspec.convert(row.entries, tuple[Entry, ...]) for row in rows}
    deciders = {entry.by for entries in known.values() for entry in entries[:_LAST]}
    people = {**named, **get_people_names(deciders.difference(named))}
    return tuple(_show(label_of(fields, name), known.get(name, ()), people) for name in names)


_RECORDS = KeptQuery(
    lambda agent_id, connection_id, object_type, names: TrackRecord.objects.filter(
        agent=agent_id, connection=connection_id, object_type=object_type, field__in=names
    )
)


def _show(label: str, entries: tuple[Entry, ...], people: dict[str, str]) -> ShownRecord:
    return ShownRecord(
        label=label,
        tally=tally(entries),
        last=tuple(
            ShownDecision(
                request=entry.request,
                verdict=entry.verdict,
                person=people.get(entry.by, "a person"),
                at=datetime.fromisoformat(entry.at),
            )
            for entry in entries[:_LAST]
        ),
    )
