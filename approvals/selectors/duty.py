"""The calendar and the rota of a workspace's exceptions, as values (EXC-02)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from guardian.models import UserObjectPermission

from approvals.domain.duty import Duty, on_duty
from approvals.domain.working_time import WorkCalendar, after_working, local_day
from approvals.models import DutyEntry, ExceptionCalendar
from governance.models import Person, User

REVIEW_HOURS, REMEDIATION_HOURS = 24, 72
HANDLES = "handle_exceptions"


@dataclass(frozen=True, slots=True)
class Clocks:
    """When a case that is opened now is due, and who owns it."""

    review_due_at: datetime
    remediation_due_at: datetime
    owner_id: UUID | None


def get_clocks(*, workspace_id: UUID, now: datetime) -> Clocks:
    """Three queries at most."""
    row = ExceptionCalendar.objects.filter(workspace_id=workspace_id).first()
    calendar = _calendar(row) if row is not None else None
    review = row.review_hours if row is not None else REVIEW_HOURS
    remediation = row.remediation_hours if row is not None else REMEDIATION_HOURS
    return Clocks(
        after_working(now, timedelta(hours=review), calendar),
        after_working(now, timedelta(hours=remediation), calendar),
        _find_on_duty(workspace_id, local_day(now, calendar)),
    )


def get_calendars(workspace_ids: Collection[UUID]) -> dict[UUID, WorkCalendar]:
    """The working time of those workspaces that have named theirs. One query, none for no workspace."""
    rows = ExceptionCalendar.objects.filter(workspace__in=workspace_ids) if workspace_ids else ()
    return {row.workspace_id: _calendar(row) for row in rows}


def list_handlers(workspace_id: UUID, agent_id: UUID | None = None) -> QuerySet[Person]:
    """Active people who may work on exceptions here, or on those of this agent alone, by name."""
    held = UserObjectPermission.objects.filter(
        Q(content_type__model="workspace", object_pk=str(workspace_id))
        | Q(content_type__model="agent", object_pk=str(agent_id or "")),
        content_type__app_label="governance",
        permission__codename=HANDLES,
    )
    users = User.objects.filter(pk__in=held.values("user_id"), is_active=True)
    return Person.objects.filter(pk__in=users.values("person_id"), is_active=True).order_by("name", "email")


def find_person_on_duty(*, workspace_id: UUID, now: datetime) -> Person | None:
    """Who owns what comes today. One query without a rota, else four."""
    rows = DutyEntry.objects.filter(workspace_id=workspace_id)
    entry = rows.select_related("workspace__exception_calendar").first()
    if entry is None:
        return None
    row = getattr(entry.workspace, "exception_calendar", None)
    found = _find_on_duty(workspace_id, local_day(now, _calendar(row) if row is not None else None))
    return Person.objects.get(pk=found) if found is not None else None


def _find_on_duty(workspace_id: UUID, day: date) -> UUID | None:
    rows = list(DutyEntry.objects.filter(workspace_id=workspace_id))
    if not rows:
        return None
    rota = [
        Duty(tuple(id_ for id_ in (row.person_id, row.stand_in_id) if id_ is not None), row.weekday, row.on_date)
        for row in rows
    ]
    return on_duty(rota, day, set(list_handlers(workspace_id).values_list("pk", flat=True)))


def _calendar(row: ExceptionCalendar) -> WorkCalendar:
    return WorkCalendar(
        days=frozenset(row.working_days),
        opens=row.opens_at,
        closes=row.closes_at,
        zone=row.time_zone,
        holidays=frozenset(date.fromisoformat(item) for item in row.holidays),
    )
