"""The requests behind each number of a report: the meaning of `approvals.domain.measures`, said to the database."""

from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from approvals.domain.measures import (
    BUDGET,
    DENIED_BY_PERSON,
    DNC,
    DRILL_KEYS,
    PARTS,
    PERSON,
    STANDING,
    STOP_CODES,
    Counted,
    Measure,
    Together,
)
from approvals.domain.status import TERMINAL, Status
from approvals.domain.weeks import start_of
from approvals.models import AgentActionRequest
from audit.domain.identifier import first_id_at
from governance.domain.action_class import SENDS
from governance.domain.vocabulary import Action, ActorType

Rows = QuerySet[AgentActionRequest]
_CLOCKS = timedelta(minutes=1)
"""How far the clock that made an id may be from the database's."""

_EXECUTED = Q(status__in=(Status.EXECUTED, Status.REVERTED))
_DENIED = Q(status=Status.DENIED)
_PUT_OFF = Q(status__in=(Status.DENIED, Status.CANCELLED))
_RAN = Q(status__in=(Status.EXECUTED, Status.REVERTED, Status.CONFLICT, Status.FAILED, Status.CANCELLED))
_BY_PERSON, _BY_STANDING = Q(decided_by__startswith=PERSON), Q(decided_by__startswith=STANDING)
_SAID_NO = Q(status_code=DENIED_BY_PERSON)
_TRIED = ~Q(status=Status.CONFLICT) | Q(attempts_count__gt=0)

CONDITIONS: dict[Measure, Q] = {
    Measure.RECEIVED: Q(),
    Measure.OPEN: ~Q(status__in=TERMINAL),
    Measure.EXECUTED: _EXECUTED,
    Measure.REVERTED: Q(status=Status.REVERTED),
    Measure.APPROVED_BY_PEOPLE: _RAN & _BY_PERSON,
    Measure.APPROVED_BEFOREHAND: _RAN & _BY_STANDING,
    Measure.ALLOWED_BY_POLICY: _RAN & Q(decided_by="policy") & _TRIED,
    Measure.DENIED_BY_POLICY: _DENIED & ~_SAID_NO,
    Measure.DENIED_BY_PEOPLE: _DENIED & _SAID_NO,
    Measure.REVIEWED: (_RAN & _BY_PERSON) | (_DENIED & _SAID_NO),
    Measure.EXPIRED: Q(status=Status.EXPIRED),
    Measure.CANCELLED: Q(status=Status.CANCELLED),
    Measure.CONFLICT: Q(status=Status.CONFLICT),
    Measure.FAILED: Q(status=Status.FAILED),
    Measure.EXCEPTION: (_DENIED & ~Q(status_code__in=(DENIED_BY_PERSON, BUDGET, *STOP_CODES)))
    | Q(status__in=(Status.CONFLICT, Status.FAILED)),
    Measure.REDIRECTED: Q(status__in=TERMINAL - {Status.DENIED}, decision__redirects__0__isnull=False),
    Measure.BUDGET_USED_UP: _DENIED & Q(status_code=BUDGET),
    Measure.STOPPED: _PUT_OFF & Q(status_code__in=STOP_CODES),
    Measure.DNC_BLOCKED: _PUT_OFF & Q(status_code=DNC),
    Measure.SENT: _EXECUTED & Q(action__in=SENDS),
    Measure.MEETING: _EXECUTED & Q(action=Action.CREATE_MEETING),
    Measure.BOUNCED: Q(delivery_reports__kind="bounce"),
    Measure.COMPLAINED: Q(delivery_reports__kind="complaint"),
}


def counted_as(rows: Rows, counted: Counted) -> Rows:
    """Those of `rows` that count as the measure, or as one of those together. Only agents' do, and none of a drill."""
    parts = PARTS[counted] if isinstance(counted, Together) else (counted,)
    ours = rows.filter(reduce(or_, (CONDITIONS[measure] for measure in parts)), actor_type=ActorType.AGENT)
    return ours.exclude(idempotency_key__startswith=DRILL_KEYS)


def received_within(rows: Rows, *, first: date | None, last: date | None) -> Rows:
    """Those of `rows` received from the first day to the last one, UTC; None for no end. A walk along the ids."""
    wanted: dict[str, Any] = {}
    if first is not None:
        wanted |= _from(start_of(first))
    if last is not None:
        wanted |= _until(start_of(last + timedelta(days=1)))
    return rows.filter(**wanted)


def _from(moment: datetime) -> dict[str, Any]:
    return {"id__gte": first_id_at(moment - _CLOCKS), "created_at__gte": moment}


def _until(moment: datetime) -> dict[str, Any]:
    return {"id__lt": first_id_at(moment + _CLOCKS), "created_at__lt": moment}
