"""Tallies of reports: a follower of the ledger counts each request once when it comes and once when it is settled.

A request is looked up as it is when its event is read. What a settled row says never changes, but for `reverted`, which
has an event of its own: so the same ledger gives the same tallies whenever it is read.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from approvals.domain.measures import DRILL_KEYS, FIELD_MEASURES, WITH_CODE, Ended, Measure, measures_of
from approvals.domain.report_keys import BREAKERS_OPENED, FIELD, NO_AGENT, STOPS_ENGAGED, WAITED, by_code, field_key
from approvals.domain.statistics import waited_seconds
from approvals.domain.status import TERMINAL, Status
from approvals.domain.week_sums import Tally, sums_of
from approvals.domain.weeks import week_of
from approvals.models import AgentActionRequest, ReportRollUp, ReportTally
from audit.selectors.events import LedgerEntry
from audit.services.follow import Following, follow, restart
from audit.services.rows import uuid_value
from governance.domain.vocabulary import ActorType
from governance.models import Workspace

_ENDS = {
    "request.denied",
    "request.expired",
    "request.cancelled",
    "request.executed",
    "request.conflicted",
    "request.failed",
}
_STOPS = {"switch.engaged": STOPS_ENGAGED, "breaker.opened": BREAKERS_OPENED}
_DELIVERIES = {"bounce": Measure.BOUNCED, "complaint": Measure.COMPLAINED}
_OTHERS = {"request.received", "request.decided", "request.reverted", "delivery.reported"}
_ADD = """
INSERT INTO approvals_reporttally AS t (workspace_id, day, measure, agent_id, detail, count) VALUES {rows}
ON CONFLICT (workspace_id, day, measure, agent_id, detail) DO UPDATE SET count = t.count + excluded.count
"""
_CHUNK = 1_000


class Key(NamedTuple):
    """One row of the tallies."""

    workspace: UUID
    day: date
    measure: str
    agent: UUID
    detail: str


class _Row(NamedTuple):
    """The columns of a request that are counted."""

    id: UUID
    workspace: UUID
    agent: UUID
    created_at: datetime
    status: str
    code: str
    decided_by: str
    decided_at: datetime | None
    action: str
    attempts: int
    object: str
    changes: dict[str, Any] | None
    redirects: list[Any] | None


def take_for_reports(entries: Sequence[LedgerEntry]) -> None:
    """Add what these events count as. In the follower's transaction, which is the only one that writes tallies."""
    counts: Counter[Key] = Counter()
    rows = _look_up(entry.subject.id for entry in entries if entry.subject.type == "request")
    workspaces = _workspaces(entry.workspace for entry in entries if entry.type in _STOPS)
    for entry in entries:
        if entry.type in _STOPS:
            if entry.workspace in workspaces:
                place = workspaces[entry.workspace], entry.at.astimezone(UTC).date()
                counts[Key(*place, _STOPS[entry.type], NO_AGENT, "")] += 1
        elif (row := rows.get(entry.subject.id)) is not None:
            counts.update(_keys(entry, row))
    add_counts(counts)


def add_counts(counts: Counter[Key]) -> None:
    """To the tallies, and to the roll-ups that reach their days already."""
    _add(counts)
    _add_to_roll_ups(counts)


REPORTS = Following("reports", frozenset(_ENDS | _STOPS.keys() | _OTHERS), take_for_reports)


def rebuild_reports() -> int:
    """Forget every tally and roll-up and count the whole ledger again; returns how many leaves were read.

    Commits as it goes: reports are incomplete until it returns.
    """
    with transaction.atomic():
        restart(REPORTS)
        ReportTally.objects.all().delete()
        ReportRollUp.objects.all().delete()
    return sum(iter(lambda: follow(REPORTS, limit=5_000), 0))


def _look_up(ids: Iterable[str]) -> dict[str, _Row]:
    """Agents' requests by id; those of people and of drills are missing. One query."""
    wanted = {found for found in map(_id, ids) if found is not None}
    found = AgentActionRequest.objects.filter(pk__in=wanted, actor_type=ActorType.AGENT)
    return {str(row[0]): _Row(*row) for row in _columns(found.exclude(idempotency_key__startswith=DRILL_KEYS))}


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _columns(rows: QuerySet[AgentActionRequest]) -> QuerySet[AgentActionRequest, tuple[Any, ...]]:
    plain = ("id", "workspace_id", "agent_id", "created_at", "status", "status_code", "decided_by", "decided_at")
    more = ("action", "attempts_count", "object_type")
    return rows.values_list(*plain, *more, "body__changes", "decision__redirects")


def _workspaces(slugs: Iterable[str]) -> dict[str, UUID]:
    wanted = set(slugs)
    return dict(Workspace.objects.filter(slug__in=wanted).values_list("slug", "pk")) if wanted else {}


def _keys(entry: LedgerEntry, row: _Row) -> Iterator[Key]:
    """What one event counts as; nothing for an event that settles nothing."""
    match entry.type:
        case "request.received":
            yield from _spread(row, Measure.RECEIVED)
        case "request.reverted":
            yield from _spread(row, Measure.REVERTED)
        case "delivery.reported":
            if (measure := _DELIVERIES.get(str(entry.data.get("kind")))) is not None:
                yield from _spread(row, measure)
        case "request.decided" if entry.data.get("status") not in TERMINAL:
            return
        case _:
            yield from _ended(row)


def _ended(row: _Row) -> Iterator[Key]:
    status = Status.EXECUTED if row.status == Status.REVERTED else Status(row.status)
    ended = Ended(
        status=status,
        code=row.code,
        decided_by=row.decided_by,
        action=row.action,
        attempts=row.attempts,
        is_redirected=bool(row.redirects),
    )
    for measure in measures_of(ended):
        yield from _spread(row, measure)
        if measure in WITH_CODE and row.code:
            yield _key(row, by_code(measure), row.code)
        if measure is Measure.REVIEWED and row.decided_at is not None:
            yield _key(row, WAITED, str(waited_seconds(row.decided_at - row.created_at)))


def _spread(row: _Row, measure: Measure) -> Iterator[Key]:
    """The measure itself, and for each field that was asked for."""
    yield _key(row, measure.value, "")
    if measure in FIELD_MEASURES:
        for name in row.changes or ():
            yield _key(row, f"{FIELD}{measure}", field_key(row.object, name))


def _key(row: _Row, measure: str, detail: str) -> Key:
    return Key(row.workspace, row.created_at.astimezone(UTC).date(), measure, row.agent, detail)


def _add(counts: Counter[Key]) -> None:
    """By one statement for many; in the order of their keys."""
    items = sorted(counts.items(), key=lambda item: tuple(map(str, item[0])))
    adapt = connection.ops.adapt_datefield_value
    for start in range(0, len(items), _CHUNK):
        chunk = items[start : start + _CHUNK]
        parameters = [
            value
            for key, count in chunk
            for value in (
                uuid_value(key.workspace),
                adapt(key.day),
                key.measure,
                uuid_value(key.agent),
                key.detail,
                count,
            )
        ]
        with connection.cursor() as cursor:
            cursor.execute(_ADD.format(rows=", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(chunk))), parameters)


def _add_to_roll_ups(counts: Counter[Key]) -> None:
    """What is counted for a day that is rolled up already is added there too. One query, two for each such week."""
    late: dict[tuple[UUID, date], list[Tally]] = {}
    for key, count in counts.items():
        tally = Tally(key.day.isoformat(), key.measure, key.agent.hex, key.detail, count)
        late.setdefault((key.workspace, week_of(key.day).monday), []).append(tally)
    reached = ReportRollUp.objects.filter(
        workspace_id__in={workspace for workspace, _ in late}, monday__in={monday for _, monday in late}
    ).values_list("pk", "workspace_id", "monday", "through")
    for pk, workspace, monday, through in reached:
        within = [tally for tally in late.get((workspace, monday), ()) if tally.day <= through.isoformat()]
        if within:
            row = ReportRollUp.objects.get(pk=pk)
            sums = sums_of(row.sums, row.days)
            sums.add(within)
            row.sums, row.days = sums.kept(), sums.days
            row.save(update_fields=["sums", "days"])
